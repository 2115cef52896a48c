#include "aster/task/fiber.hpp"

#include <algorithm>

#include "aster/task/scheduler.hpp"

namespace aster::task {

void copy_name(char* to, std::size_t capacity, std::string_view text) noexcept {
  const std::size_t n = std::min(text.size(), capacity - 1);
  std::copy_n(text.data(), n, to);
  to[n] = 0;
}

fiber::fiber(scheduler& of, std::string_view called) noexcept : home{of}, whole{*this} {
  alarm.owner = this;
  alarm.fire = [](timer& t) noexcept {
    fiber& f = *static_cast<alarm_clock&>(t).owner;
    f.home.wake(f, wake_reason::deadline);
  };
  copy_name(name, sizeof name, called);
}

fiber::~fiber() {
  // A scope may outlive the fiber that opened it, when the program keeps it elsewhere: it has no opener then.
  for (cancel_region* r = innermost; r != nullptr; r = r->outer_) r->fiber_ = nullptr;
}

cancel_region* fiber::asked(unsigned in_flight) const noexcept {
  cancel_region* outermost = nullptr;
  for (cancel_region* r = innermost; r != nullptr; r = r->outer_) {
    if (r->kind_ == cancel_region::kind::shield) break;
    // More exceptions in flight than when it was opened: something inside it is unwinding already.
    if (r->requested_ && in_flight <= r->exceptions_) outermost = r;
  }
  return outermost;
}

void fiber::throw_if_asked(unsigned in_flight) {
  cancel_region* const region = asked(in_flight);
  if (region == nullptr) return;
  region->seen_ = true;
  if (region->reason_ == nullptr) throw cancelled{};
  const std::exception_ptr error = *region->reason_;
  if (region == &whole) home.deadlock_thrown();
  std::rethrow_exception(error);
}

void fiber::look_again() noexcept {
  interruptible = false;
  for (const cancel_region* r = innermost; r != nullptr; r = r->outer_) interruptible |= r->requested_;
}

}  // namespace aster::task
