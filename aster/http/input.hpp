// The bytes of a connection that have arrived and were not consumed: one small block of memory that the
// parsers look into, so that nothing is copied on the way from the stream to a handler's `string_view`.
//
// While a request is handled its head is pinned: bytes that come later may need a larger block, but the head
// stays where it is.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "aster/http/limits.hpp"
#include "aster/http/output.hpp"
#include "aster/net/byte_stream.hpp"

namespace aster::http {

/// How reading went.
enum class arrival : std::uint8_t {
  data,
  end,  // the client will send no more (FIN)
  timed_out,
  lost,  // the connection is broken
};

class input {
 public:
  /// Everything given must outlive the input. `output` is flushed before anything blocks: a client that
  /// waits for an answer sends nothing.
  input(net::byte_stream& stream, output& output) : stream_(stream), output_(output) {}

  std::string_view bytes() const { return {block_.get() + begin_, end_ - begin_}; }

  /// Drops bytes from the front. They stay readable until the next `fill` without a pin.
  void consume(std::size_t size) { begin_ += static_cast<std::uint32_t>(size); }

  /// Reads at least one byte more behind `bytes()`, which may move unless it is pinned. Parks until then, at
  /// most for `patience` (zero: for ever).
  arrival fill(limits::duration patience);

  /// Reads into `out` past the block, which must hold no bytes. Sets `size`.
  arrival read_past(std::span<std::byte> out, std::size_t& size, limits::duration patience);

  /// Keeps the memory of `bytes()`, and of what is consumed from it, in place until `unpin`.
  void pin() { pinned_ = true; }
  void unpin() {
    pinned_ = false;
    pinned_block_.reset();
  }

  /// Gives memory back that an idle connection can do without. Nothing may be pinned.
  void release_memory();

 private:
  void make_room();
  void move_to(std::size_t capacity);

  net::byte_stream& stream_;
  output& output_;
  std::unique_ptr<char[]> block_;
  std::unique_ptr<char[]> pinned_block_;  // where the pinned bytes lie, once block_ has been replaced
  std::uint32_t capacity_ = 0, begin_ = 0, end_ = 0;
  bool pinned_ = false;
};

}  // namespace aster::http
