// The deadlines of one scheduler, in order, without a byte of memory of its own.
//
// Most deadlines are set and then not needed, as an answer comes in time, and setting one must not allocate:
// it happens where a fiber parks. So the timers themselves are the nodes of a pairing heap (Fredman,
// Sedgewick, Sleator and Tarjan, 1986): insertion links one node, removal of a timer with no later ones
// below it unlinks one, and taking the first costs O(log n) amortized.
#pragma once
#include <cstdint>

#include "aster/task/clock.hpp"

namespace aster::task {

struct timer {
  time_point deadline{};
  /// Called when it is due; the timer is out of the heap by then.
  void (*fire)(timer&) noexcept = nullptr;

  [[nodiscard]] bool armed() const noexcept { return armed_; }

 private:
  friend class timer_heap;
  [[nodiscard]] bool before(const timer& other) const noexcept {
    return deadline != other.deadline ? deadline < other.deadline : order_ < other.order_;
  }
  std::uint64_t order_ = 0;    // timers with the same deadline fire in the order of insertion
  timer* child_ = nullptr;     // the first of those below
  timer* next_ = nullptr;      // the next one below the same parent
  timer* previous_ = nullptr;  // the one before it there, or the parent when it is the first
  bool armed_ = false;
};

class timer_heap {
 public:
  [[nodiscard]] bool empty() const noexcept { return root_ == nullptr; }

  /// The earliest deadline, or `never`.
  [[nodiscard]] time_point next_deadline() const noexcept { return root_ ? root_->deadline : never; }

  /// `t` must not be armed, and must stay where it is until it has fired or is removed.
  void insert(timer& t) noexcept;

  /// `t` must be armed in this heap.
  void remove(timer& t) noexcept;

  /// Takes the earliest timer out if its deadline is not after `now`; null otherwise.
  timer* take_due(time_point now) noexcept;

 private:
  static timer* meld(timer* a, timer* b) noexcept;
  static timer* meld_siblings(timer* first) noexcept;

  timer* root_ = nullptr;
  std::uint64_t insertions_ = 0;
};

}  // namespace aster::task
