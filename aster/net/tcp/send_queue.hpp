// Bytes that were written and not yet acknowledged, kept for (re)transmission.
//
// Most are copied once, from the caller to a chunk, and go from there into the device as often as needed.
// A caller that stays until its bytes are acknowledged may lend them instead: then nothing is copied.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "aster/net/chunk.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::tcp {

class send_queue {
 public:
  explicit send_queue(chunk_pool& pool) : pool_(pool) {}
  send_queue(const send_queue&) = delete;
  send_queue& operator=(const send_queue&) = delete;
  ~send_queue() { clear(); }

  std::size_t size() const { return size_; }
  bool is_memory_scarce() const { return pool_.is_scarce(); }

  /// Copies as many bytes as there is memory for to the end; returns how many.
  std::size_t append(wire::bytes data) noexcept;

  /// Puts bytes at the end without copying them. They must stay as they are until they were dropped or
  /// `settle` was called. False: no memory for the entry.
  bool lend(wire::bytes data) noexcept;

  /// Forgets the first `count` bytes: they were acknowledged.
  void drop(std::size_t count) noexcept;

  /// Forgets all but the first `count` bytes.
  void truncate(std::size_t count) noexcept;

  /// How many bytes, counted from the end back to the first lent one, are still held. Zero: nothing is
  /// lent.
  std::size_t lent() const noexcept;

  /// Copies what is lent, so that its owner may go. False, and nothing lent is left behind the first
  /// `size()` bytes, when memory ran out: the stream is then broken.
  bool settle() noexcept;

  /// Describes `length` bytes from `offset` on as pieces; returns how many pieces. When there are more
  /// than `out` holds, `described` is less than `length`.
  std::size_t gather(std::size_t offset, std::size_t length, std::span<wire::bytes> out,
                     std::size_t& described) noexcept;

  void clear() noexcept { drop(size_); }

 private:
  void release(byte_run* run) noexcept;

  chunk_pool& pool_;
  byte_run* first_ = nullptr;
  byte_run* last_ = nullptr;
  std::size_t size_ = 0;
  // Where the last gathering ended: the next one mostly starts there, and need not walk the list.
  byte_run* cursor_ = nullptr;
  std::size_t cursor_offset_ = 0;  // queue offset of the first byte of *cursor_
};

}  // namespace aster::net::tcp
