// Fibers that wait for a condition: the primitive that all others here are made of.
//
// Fibers switch only where they park, so a condition needs no lock: look, and wait if it does not hold.
//
//   while (queue.empty()) arrived.wait();       // consumer
//   queue.push(x); arrived.notify_one();        // producer
//
// No wake-up is lost: a waiter leaves the queue at the moment it is notified, cancelled or out of time,
// whichever comes first, and a notification goes to a fiber that is still in the queue. A fiber that was
// notified and then cancelled before it runs returns normally from `wait` (it has got what it waited for)
// and meets `cancelled` at its next blocking call.
#pragma once
#include "aster/task/cancellation.hpp"
#include "aster/task/clock.hpp"

namespace aster::task {

class wait_queue {
 public:
  /// `what` says in reports what fibers wait for here ("channel to be filled"); it must outlive the queue.
  constexpr explicit wait_queue(const char* what = "a condition") noexcept : what_{what} {}
  /// Nobody may wait any more: the program ends with the waiter's name otherwise.
  ~wait_queue();
  wait_queue(const wait_queue&) = delete;
  wait_queue& operator=(const wait_queue&) = delete;

  /// Parks until notified. Throws `cancelled`. With `offer`, whoever notifies can find it by `front_offer`.
  void wait(void* offer = nullptr);

  /// Parks until notified (true) or until `deadline` (false). Throws `cancelled`.
  [[nodiscard]] bool wait_until(time_point deadline, void* offer = nullptr);

  /// Makes the fiber that waits longest ready, or does nothing. Never switches.
  void notify_one() noexcept;

  /// Makes all waiting fibers ready, in the order in which they came. Never switches.
  void notify_all() noexcept;

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }

  /// The fiber that waits longest and what it offers; null when nobody waits.
  [[nodiscard]] fiber* front() const noexcept { return first_; }
  [[nodiscard]] void* front_offer() const noexcept;

 private:
  friend struct fiber;
  friend class scheduler;
  void push(fiber& f) noexcept;
  void remove(fiber& f) noexcept;

  fiber* first_ = nullptr;
  fiber* last_ = nullptr;
  const char* what_;
};

}  // namespace aster::task
