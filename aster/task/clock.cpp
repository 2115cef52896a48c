#include "aster/task/clock.hpp"

#include "aster/task/scheduler.hpp"

namespace aster::task {

time_point now() noexcept {
  scheduler* const s = scheduler::existing();
  return (s != nullptr ? s->world() : platform_driver()).now();
}

time_point clock::now() noexcept { return task::now(); }

void yield() {
  scheduler& s = scheduler::current();
  s.checkpoint();
  s.yield();
}

void sleep_until(time_point deadline) {
  scheduler& s = scheduler::current();
  if (deadline <= s.world().now()) return yield();
  s.park_or_throw(nullptr, nullptr, deadline, "a time");
}

void sleep(duration d) {
  if (d <= duration::zero()) return yield();
  sleep_until(after(now(), d));
}

}  // namespace aster::task
