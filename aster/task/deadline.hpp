// A time by which something is done, or is not done at all.
//
//   auto answer = task::within(2s, [&] { return ask(server); });
//   if (!answer) return retry();         // timed_out
//
// The function runs in the fiber that calls, so this costs no stack and no switch. At the deadline its
// blocking call throws `cancelled`, it unwinds, and the caller gets `timed_out`. Deadlines nest: the
// innermost block whose time is up, and around which no other is, answers for it. A function that never
// blocks is not interrupted, and one that ends in spite of the deadline has its result returned.
#pragma once
#include <concepts>
#include <expected>
#include <functional>
#include <type_traits>
#include <utility>

#include "aster/task/cancellation.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/timer_heap.hpp"

namespace aster::task {

class scheduler;

/// The deadline came first.
struct timed_out {
  friend bool operator==(timed_out, timed_out) = default;
};

/// A region that is asked to unwind at a deadline. What `until` and `within` are made of.
class deadline_region : public cancel_region {
 public:
  /// Never fires when `deadline` is `never`.
  explicit deadline_region(time_point deadline);
  ~deadline_region();

  /// Whether a `cancelled` that arrives here is this deadline's own doing.
  [[nodiscard]] bool expired() const noexcept { return requested() && !requested_outside(); }

 private:
  struct alarm_clock : timer {
    deadline_region* region = nullptr;
  };
  scheduler* scheduler_;
  alarm_clock alarm_;
};

/// Calls `f()`; when it has not returned by `deadline`, it is cancelled and the result is `timed_out`. Other
/// exceptions pass, and so does `cancelled` when the fiber was cancelled from further out.
template <std::invocable Function>
auto until(time_point deadline, Function&& f)
    -> std::expected<std::remove_cvref_t<std::invoke_result_t<Function>>, timed_out> {
  deadline_region region{deadline};
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Function>>) {
      std::invoke(std::forward<Function>(f));
      return {};
    } else {
      return std::invoke(std::forward<Function>(f));
    }
  } catch (const cancelled&) {
    if (!region.expired()) throw;
    return std::unexpected(timed_out{});
  }
}

/// `until` the time that it is in `d` from now.
template <std::invocable Function>
auto within(duration d, Function&& f) {
  return until(after(now(), d), std::forward<Function>(f));
}

}  // namespace aster::task
