// What comes from outside: devices that have something to say, and the wish that the program stop.
//
// A driver says no more than "look again": the platform's `wait` returns, and whoever reads devices looks at
// its own. So the fiber of a network stack reads
//
//   task::before_wait flush{[](void* d) { static_cast<abi::net_device*>(d)->flush(); }, device};
//   for (;;) {
//     handle_frames(*device);
//     task::wait_for_event(next_retransmission());
//   }
//
// When fibers keep running, the scheduler looks at the devices at least every 64 switches; when none can
// run, it blocks in the platform's `wait` until the next deadline.
#pragma once
#include "aster/task/clock.hpp"

namespace aster::task {

class scheduler;

/// Parks until the platform has looked at its devices, or until `deadline`. Throws `cancelled`.
void wait_for_event(time_point deadline);

/// Says that a device inside the program (a loopback, a test's wire) has something: fibers in
/// `wait_for_event` wake at the next sweep, which does not block. Under a `simulation` that happens at the
/// same virtual time. Call it whenever such a device gets a frame to deliver. Never switches.
void raise_event() noexcept;

/// Calls `call(argument)` each time before the scheduler goes to the platform's `wait`, on the scheduler's
/// own stack (64 KiB): there a round's output is handed to its device in one batch. The call must not park
/// or throw; it may notify fibers. Hooks are called in the order of their construction. Belongs to the
/// scheduler of the thread (or the simulation) that constructs it.
class before_wait {
 public:
  explicit before_wait(void (*call)(void*), void* argument);
  ~before_wait();
  before_wait(const before_wait&) = delete;
  before_wait& operator=(const before_wait&) = delete;

 private:
  friend class scheduler;
  void (*call_)(void*);
  void* argument_;
  scheduler* scheduler_;
  before_wait* next_ = nullptr;
  before_wait* previous_ = nullptr;
};

/// Whether the outside has asked the program to stop (SIGTERM, power button). From then on the root fiber of
/// the main thread is cancelled, and through the scopes it unwinds all others: `main` ends by `cancelled`,
/// which the start-up code turns into an orderly exit with code 0 (see main.cpp).
[[nodiscard]] bool stopping() noexcept;

}  // namespace aster::task
