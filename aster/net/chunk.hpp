// Memory for bytes under way: chunks of one size, shared by all connections of a stack inside one budget.
//
// A connection takes chunks as bytes arrive or are written and gives them back when they are read or
// acknowledged; an idle one holds none. Chunks that come back are kept for the next taker, so that nothing
// is allocated in a steady state.
#pragma once
#include <cstddef>
#include <cstdint>

namespace aster::net {

/// Bytes that lie together, in a list of such. Linked by whoever holds it.
struct byte_run {
  byte_run* next = nullptr;
  const std::byte* begin = nullptr;
  std::uint64_t position = 0;  // for the holder: place in a stream
  std::uint32_t size = 0;      // bytes from `begin`
  bool lent = false;           // the bytes are a caller's; the run alone is ours
};

/// A run with a page of its own memory.
struct chunk : byte_run {
  static constexpr std::size_t total_size = 4096;
  static constexpr std::size_t capacity = total_size - sizeof(byte_run);
  std::byte storage[capacity];
};
static_assert(sizeof(chunk) == chunk::total_size);

class chunk_pool {
 public:
  /// At most `budget` bytes in chunks that are in use.
  explicit chunk_pool(std::size_t budget) : budget_(budget) {}
  chunk_pool(const chunk_pool&) = delete;
  chunk_pool& operator=(const chunk_pool&) = delete;
  ~chunk_pool();

  /// What a chunk is wanted for. Each use has its share of the budget, so that bytes that wait to be sent
  /// cannot keep two hosts from hearing each other, and a few greedy connections cannot silence the rest.
  enum class use : std::uint8_t {
    out_of_order,     // while less than half is used
    sending,          // while less than half is used
    first_sending,    // of a connection that has nothing to send yet: three quarters
    receiving,        // three quarters
    first_receiving,  // of a connection that holds nothing: all of it
  };

  /// An empty chunk, or null when that share of the budget or the memory is used up.
  chunk* take(use purpose) noexcept;
  void give_back(chunk* c) noexcept;

  std::size_t in_use() const { return in_use_; }  // bytes
  std::size_t budget() const { return budget_; }
  /// More than half is used: connections should ask for less.
  bool is_scarce() const { return in_use_ > budget_ / 2; }

 private:
  static constexpr std::size_t keep_limit = 256;  // free chunks kept, 1 MiB

  std::size_t share(use purpose) const;

  std::size_t budget_;
  std::size_t in_use_ = 0;
  std::size_t kept_ = 0;
  byte_run* free_ = nullptr;
};

}  // namespace aster::net
