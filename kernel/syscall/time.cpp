#include <errno.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "kernel/syscall/serve.hpp"
#include "kernel/target.hpp"
#include "kernel/thread/thread.hpp"

namespace aster::kernel {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

bool is_wall(std::uint64_t clock) noexcept {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

bool is_known(std::uint64_t clock) noexcept {
  // A thread's or process's CPU time (negative ids) is the time the image runs: it owns the CPU.
  return clock <= CLOCK_BOOTTIME || clock == CLOCK_TAI || static_cast<std::int32_t>(clock) < 0;
}

std::uint64_t read_clock(std::uint64_t clock) noexcept {
  return is_wall(clock) ? static_cast<std::uint64_t>(target.wall()) : target.monotonic();
}

bool valid(const timespec& t) noexcept { return t.tv_sec >= 0 && t.tv_nsec >= 0 && t.tv_nsec < 1'000'000'000; }

std::uint64_t to_nanoseconds(const timespec& t) noexcept {
  if (static_cast<std::uint64_t>(t.tv_sec) >= abi::never / second - 1) return abi::never - 1;
  return static_cast<std::uint64_t>(t.tv_sec) * second + static_cast<std::uint64_t>(t.tv_nsec);
}

long sleep_until(std::uint64_t deadline) noexcept {
  while (target.monotonic() < deadline) threads().block(deadline);
  return 0;
}

}  // namespace

/// The monotonic deadline of a futex or sleep timeout; `relative` to now, or on `clock`.
std::uint64_t deadline_of(const timespec& t, bool relative, std::uint64_t clock) noexcept {
  const std::uint64_t now = target.monotonic(), value = to_nanoseconds(t);
  const auto after = [now](std::uint64_t ahead) noexcept { return ahead < abi::never - now ? now + ahead : abi::never - 1; };
  if (relative) return after(value);
  if (!is_wall(clock)) return value;
  const std::int64_t wall = target.wall();
  const std::uint64_t passed = wall > 0 ? static_cast<std::uint64_t>(wall) : 0;
  return value > passed ? after(value - passed) : 0;
}

bool valid_timeout(const timespec& t) noexcept { return valid(t); }

long serve_time(const call& call) noexcept {
  switch (call.number) {
    case SYS_clock_gettime: {
      if (!is_known(call.a)) return -EINVAL;
      const std::uint64_t now = read_clock(call.a);
      *reinterpret_cast<timespec*>(call.b) = {static_cast<time_t>(now / second), static_cast<long>(now % second)};
      return 0;
    }
    case SYS_clock_getres:
      if (!is_known(call.a)) return -EINVAL;
      if (call.b) *reinterpret_cast<timespec*>(call.b) = {0, 1};
      return 0;
    case SYS_gettimeofday: {
      const std::uint64_t now = read_clock(CLOCK_REALTIME);
      if (call.a)
        *reinterpret_cast<timeval*>(call.a) = {static_cast<time_t>(now / second),
                                               static_cast<suseconds_t>(now % second / 1000)};
      return 0;
    }
    case SYS_time: {
      const auto now = static_cast<time_t>(read_clock(CLOCK_REALTIME) / second);
      if (call.a) *reinterpret_cast<time_t*>(call.a) = now;
      return now;
    }
    case SYS_nanosleep: {
      const auto& wanted = *reinterpret_cast<const timespec*>(call.a);
      if (!valid(wanted)) return -EINVAL;
      return sleep_until(deadline_of(wanted, true, CLOCK_MONOTONIC));
    }
    case SYS_clock_nanosleep: {
      const auto& wanted = *reinterpret_cast<const timespec*>(call.c);
      if (!valid(wanted) || !is_known(call.a)) return -EINVAL;
      return sleep_until(deadline_of(wanted, (call.b & TIMER_ABSTIME) == 0, call.a));
    }
    case SYS_times: {
      const auto ticks = static_cast<clock_t>(target.monotonic() / 10'000'000);
      if (call.a) *reinterpret_cast<tms*>(call.a) = {ticks, 0, 0, 0};
      return ticks;
    }
    default: return unserved;
  }
}

}  // namespace aster::kernel
