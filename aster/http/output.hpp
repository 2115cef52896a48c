// What a connection is about to send: bytes copied into one reused block, and bytes sent from where they lie,
// in order. Responses gather here while further requests are already there to be answered, and leave in one
// write.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "aster/http/limits.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::http {

/// Two fibers may use it: the connection's, which fills and flushes it, and a second one that only flushes
/// (while the first is held up in a handler). A fiber that comes while the other sends is parked until the
/// bytes are gone, in any of the calls below that say so.
class output {
 public:
  /// Both must outlive the output.
  output(net::byte_stream& stream, const limits& limits) : stream_(stream), limits_(limits) {}

  /// Room for `size` bytes at the end, to be written and then told with `commit`. May park, see above.
  [[nodiscard]] char* reserve(std::size_t size);
  /// `end`: behind the last byte written since `reserve`.
  void commit(const char* end) { add({nullptr, static_cast<std::size_t>(end - (block_.get() + used_))}); }

  /// Appends a copy. May park, see above.
  void append(std::string_view bytes) {
    char* const to = reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    commit(to + bytes.size());
  }

  /// Appends bytes that stay where they are until they were flushed. May park, see above.
  void append_reference(std::string_view bytes);

  bool empty() const { return pieces_used_ == 0; }

  /// Whether so much has gathered that it should go now.
  bool is_full() const { return used_ >= gather_limit || pieces_used_ + 2u >= piece_limit; }

  /// Sends everything, in one write unless it is large. Parks while the client does not take it. False: the
  /// connection is lost, now or before.
  [[nodiscard]] bool flush();

  bool is_lost() const { return lost_; }

  /// Sends nothing from now on: every flush fails.
  void abandon() { lost_ = true; }

  /// Gives memory back, when nothing waits to be sent.
  void release_memory();

 private:
  struct piece {
    const char* reference;  // null: the next bytes of the block
    std::size_t size;
  };

  static constexpr std::size_t gather_limit = 8 * 1024;
  static constexpr std::size_t piece_limit = 8;

  void wait_until_sent();
  void add(piece);
  bool send();

  net::byte_stream& stream_;
  const limits& limits_;
  std::unique_ptr<char[]> block_;
  std::uint32_t capacity_ = 0, used_ = 0;
  std::array<piece, piece_limit> pieces_;
  std::uint8_t pieces_used_ = 0;
  bool lost_ = false;
  bool sending_ = false;
  task::wait_queue sent_{"a response to be sent"};
};

}  // namespace aster::http
