// Fibers that wait for the descriptors of Linux: a program of the host written as an image is, with a fiber
// for each thing that goes on, instead of a loop that knows them all.
//
//   readiness ready{socket.get()};                 // registered once
//   for (;;) {
//     const ssize_t got = recv(socket.get(), …, MSG_DONTWAIT);
//     if (got < 0 && errno == EAGAIN) ready.await_readable();
//     …
//   }
//
// Try first, wait then: what is reported is that something has changed, not that something is there. The
// waiting is done by the platform's `wait`, when no fiber can run (platform.cpp).
#pragma once
#include "aster/task/clock.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::host {

/// What one descriptor is ready for. The descriptor stays the caller's and must be open as long as this
/// lives; it is registered with one `readiness` at a time. One that cannot be polled (a file) throws
/// std::system_error.
class readiness {
 public:
  explicit readiness(int descriptor);
  ~readiness();
  readiness(const readiness&) = delete;
  readiness& operator=(const readiness&) = delete;

  /// Parks until a read may do something (an end or an error counts) that it could not do before. May return
  /// for no reason. Throws task::cancelled.
  void await_readable();
  /// The same until `deadline`: false when it came first.
  [[nodiscard]] bool await_readable(task::time_point deadline);
  void await_writable();
  [[nodiscard]] bool await_writable(task::time_point deadline);

 private:
  friend struct event_poll;
  struct direction {
    explicit constexpr direction(const char* what) : waiting(what) {}
    bool is_ready = false;
    task::wait_queue waiting;
  };
  static bool await(direction& d, task::time_point deadline);

  int descriptor_;
  direction in_{"a descriptor to read"}, out_{"a descriptor to write"};
};

/// Parks until `descriptor` can be read (for a pidfd: until its process has ended) or `deadline`; true when
/// it can. For what happens once: it is registered for this time only.
bool await_readable(int descriptor, task::time_point deadline = task::never);
bool await_writable(int descriptor, task::time_point deadline = task::never);

}  // namespace aster::host
