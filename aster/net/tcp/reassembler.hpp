// Puts a stream together from pieces that arrive in any order, twice, or overlapping.
//
// Bytes go to their final place at once, in chunks that exist only where there are bytes: when a gap fills
// nothing is moved. A reader that waits gets the bytes copied straight to where it wants them.
//
//   reassembler r{pool};
//   r.insert(5, "world");     // out_of_order
//   r.insert(0, "hello");     // filled_gap; readable() is 10
#pragma once
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "aster/net/chunk.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::tcp {

class reassembler {
 public:
  explicit reassembler(chunk_pool& pool) : pool_(pool) {}
  reassembler(const reassembler&) = delete;
  reassembler& operator=(const reassembler&) = delete;
  ~reassembler() { discard(); }

  enum class outcome {
    in_order,      // extends what can be read, and nothing is missing
    filled_gap,    // extends it, while later bytes had arrived before
    out_of_order,  // kept for later
    duplicate,     // nothing new
    no_room,       // dropped: too many gaps, or no memory; of bytes in order what found room was taken
  };

  /// Takes the bytes of the stream that begin at `position` (0: the first ever). The caller has cut them
  /// to its window.
  outcome insert(std::uint64_t position, wire::bytes data) noexcept;

  std::uint64_t next() const { return next_; }                                      // first byte missing
  std::size_t readable() const { return static_cast<std::size_t>(next_ - read_); }  // in order, not yet read
  bool is_memory_scarce() const { return pool_.is_scarce(); }
  bool has_gap() const { return !later_.empty(); }
  /// The range beyond the gap that holds a position, if one does.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> range_around(std::uint64_t position) const {
    for (const range& r : later_)
      if (r.begin <= position && position < r.end) return std::pair{r.begin, r.end};
    return std::nullopt;
  }

  /// Calls `f(begin, end)` for each range beyond the gap, in order, until it returns false.
  template <typename Function>
  void for_each_range(Function&& f) const {
    for (const range& r : later_)
      if (!f(r.begin, r.end)) return;
  }

  /// Copies the oldest readable bytes to `out` and forgets them; returns how many.
  std::size_t read(wire::mutable_bytes out) noexcept;

  /// Until `take_reader_bytes`, in-order bytes that arrive while nothing is readable are copied to `out`.
  void set_reader(wire::mutable_bytes out) {
    reader_ = out;
    reader_filled_ = 0;
  }
  /// Ends that, and returns how many bytes are there.
  std::size_t take_reader_bytes() {
    reader_ = {};
    return std::exchange(reader_filled_, 0);
  }
  /// Ends it as if nothing had been handed out: the bytes are readable again. False: no memory for them.
  bool return_reader_bytes() noexcept;
  std::size_t reader_bytes() const { return reader_filled_; }

  void discard() noexcept;  // everything held; the position stays

 private:
  struct range {
    std::uint64_t begin, end;
  };

  std::size_t store(std::uint64_t position, wire::bytes data, chunk_pool::use purpose) noexcept;
  chunk_pool::use in_order_use() const {
    return first_ == nullptr ? chunk_pool::use::first_receiving : chunk_pool::use::receiving;
  }
  bool remember(range r) noexcept;
  void release_before(std::uint64_t position) noexcept;

  chunk_pool& pool_;
  byte_run* first_ = nullptr;   // chunks in order of position, each covering one slot of `chunk::capacity`
  byte_run* cursor_ = nullptr;  // the chunk written last: the next write mostly goes there
  std::uint64_t read_ = 0;      // first byte not yet read
  std::uint64_t next_ = 0;
  std::vector<range> later_;  // ranges beyond `next_`, in order, apart from each other
  wire::mutable_bytes reader_;
  std::size_t reader_filled_ = 0;
};

}  // namespace aster::net::tcp
