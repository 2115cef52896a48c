// Time as fibers see it: a clock that never goes back, and ways to let time pass.
//
//   const auto started = task::now();
//   task::sleep(250ms);                       // others run meanwhile
//   auto took = task::now() - started;        // at least 250ms
//
// On a real target the clock is the platform's (nanoseconds since the image was entered); under a
// `simulation` it is virtual and stands still while any fiber can run.
#pragma once
#include <chrono>
#include <cstdint>

namespace aster::task {

using duration = std::chrono::nanoseconds;

/// A std::chrono clock (steady, nanoseconds).
struct clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<clock, duration>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};

using time_point = clock::time_point;

/// A deadline that never comes.
inline constexpr time_point never = time_point::max();

/// The time now. Does not park.
[[nodiscard]] time_point now() noexcept;

/// `base + d`, held at `never` instead of overflowing; a negative `d` gives a time in the past.
[[nodiscard]] constexpr time_point after(time_point base, duration d) noexcept {
  if (d > duration::zero() && base > never - d) return never;
  if (d < duration::zero() && base < time_point::min() - d) return time_point::min();
  return base + d;
}

/// Parks the fiber for at least `d`; with `d` not positive it is `yield`. Fibers wake in the order of their
/// deadlines, those with the same deadline in the order in which they went to sleep. Throws `cancelled`.
void sleep(duration d);

/// Parks the fiber until the clock shows `deadline` or more. Throws `cancelled`.
void sleep_until(time_point deadline);

/// Lets every fiber that is ready run once before this one goes on. Throws `cancelled`.
void yield();

}  // namespace aster::task
