// Stacks for fibers: many, guarded, and used again.
//
// Asking the system for a stack costs microseconds and the first touch of its pages more (12 to 28 µs each,
// measured on a virtual machine), so stacks are cut from slabs of address space and a stack that was given
// back is the next one to be handed out: its pages, and often its cache lines, are still warm. Only pages
// that were touched count as memory.
//
// Below each stack lies a guard page, so that an overflow is a fault and not a corrupted neighbour. It is
// made by madvise(MADV_GUARD_INSTALL) (Linux 6.13), which, unlike mprotect, does not split the mapping:
// 100,000 guards made by mprotect would be 200,000 mappings, and Linux allows 65,530.
//
// After a burst the memory goes back: stacks that nobody needed for a whole second lose their pages.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "aster/task/clock.hpp"

namespace aster::task {

struct fiber;

/// One stack: [low, low + size), with the guard page right below `low`.
struct stack {
  std::byte* low;
  std::size_t size;
  fiber* user;  // who runs on it; null while it is free
  stack* next;  // in a free list
  stack* previous;

  [[nodiscard]] std::byte* top() const noexcept { return low + size; }
};

class stack_pool {
 public:
  static constexpr std::size_t page = 4096;
  static constexpr std::size_t smallest = std::size_t{16} * 1024;
  static constexpr std::size_t largest = std::size_t{1} << 30;

  /// Without `lightweight_guards`, guard pages are made as before Linux 6.13.
  explicit stack_pool(bool lightweight_guards = true) noexcept : lightweight_guards_{lightweight_guards} {}
  /// No stack may be in use.
  ~stack_pool();
  stack_pool(const stack_pool&) = delete;
  stack_pool& operator=(const stack_pool&) = delete;

  /// A stack of at least `size` bytes, held to [smallest, largest]. Throws std::bad_alloc.
  stack& acquire(std::size_t size);

  /// Gives it back. Nothing on it is touched before the next `acquire`, so a fiber may give back the stack
  /// that it runs on as its last act.
  void release(stack& s) noexcept;

  /// Gives the pages of a stack in use that lie below `pointer` back to the system. Nothing below it is
  /// alive.
  static void shed(const stack& s, const void* pointer) noexcept;

  /// When `trim` has something to do next; `never` while there is nothing.
  [[nodiscard]] time_point next_trim() const noexcept { return next_trim_; }

  /// Gives the pages of some stacks that were not needed for a while back to the system; at most 64 a call,
  /// so that nobody waits for it.
  void trim(time_point now) noexcept;

  /// The fiber below whose stack `address` is a guard page, or null. Safe in a fault handler.
  [[nodiscard]] fiber* guard_owner(const void* address) const noexcept;

  [[nodiscard]] std::size_t in_use() const noexcept { return in_use_; }
  /// Free stacks that still have their pages.
  [[nodiscard]] std::size_t warm() const noexcept { return warm_; }

 private:
  struct slab;
  struct size_class {
    stack* warm_first = nullptr;  // used last, handed out next
    stack* warm_last = nullptr;
    stack* cold = nullptr;   // free without pages
    slab* newest = nullptr;  // the slab that has stacks never used
    std::size_t warm = 0;
    std::size_t least_warm = 0;  // of `warm` since the last trim: those were not needed
  };
  static constexpr std::size_t kept_warm = 16;  // of each size, for ever

  static std::size_t class_of(std::size_t size) noexcept;
  stack& cut(size_class& c, std::size_t size);
  slab* map_slab(std::size_t stack_size, std::size_t count);
  void install_guard(std::byte* at);

  std::array<size_class, 17> classes_{};  // 16 KiB << n
  slab* slabs_ = nullptr;
  std::size_t in_use_ = 0;
  std::size_t warm_ = 0;
  time_point next_trim_ = never;
  bool lightweight_guards_;
};

}  // namespace aster::task
