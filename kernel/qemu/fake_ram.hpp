// For tests: RAM of a machine, somewhere in the test's own memory, full of what an earlier life has left.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "kernel/memory/address_space.hpp"
#include "kernel/qemu/physical_memory.hpp"

namespace aster::kernel::fake {

class ram {
 public:
  static constexpr std::uint64_t base = 0x100000;  // physical address of its first byte

  explicit ram(std::uint64_t pages)
      : size_(pages * page_size), memory_(static_cast<char*>(std::aligned_alloc(page_size, size_))) {
    std::memset(memory_, 0xa5, size_);
    frames() = {};
    frames().offset = reinterpret_cast<std::uint64_t>(memory_) - base;
  }
  ram(const ram&) = delete;
  ~ram() {
    frames() = {};
    std::free(memory_);
  }

  std::uint64_t end() const { return base + size_; }

  /// Whether the frame at `physical` holds zeros only.
  static bool is_clear(std::uint64_t physical) {
    const auto* const words = reinterpret_cast<const std::uint64_t*>(physical + frames().offset);
    for (std::uint64_t i = 0; i < page_size / 8; ++i)
      if (words[i] != 0) return false;
    return true;
  }

 private:
  std::uint64_t size_;
  char* memory_;
};

}  // namespace aster::kernel::fake
