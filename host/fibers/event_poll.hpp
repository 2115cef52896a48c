// The one epoll of this process. Private to this room.
#pragma once
#include <signal.h>

#include <cstdint>

#include "host/fibers/readiness.hpp"
#include "host/run/descriptor.hpp"

namespace aster::host {

struct event_poll {
  /// The process's, made at the first call. Throws std::system_error.
  static event_poll& own();

  void add(int descriptor, readiness& r);
  void remove(int descriptor) noexcept;

  /// Waits for at most `timeout` (null: for ever) with these signals let in, and wakes the fibers of what is
  /// ready.
  void wait(const timespec* timeout, const sigset_t& mask) noexcept;

 private:
  event_poll();
  descriptor poll_;
};

}  // namespace aster::host
