// The clocks of the Linux process that the image lives in, through libc and so through the vDSO: no system call.
#pragma once
#include <time.h>

#include <cstdint>

namespace aster::kernel {

inline std::uint64_t linux_clock(clockid_t clock) noexcept {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

inline std::uint64_t linux_monotonic() noexcept { return linux_clock(CLOCK_MONOTONIC); }
inline std::int64_t linux_wall() noexcept { return static_cast<std::int64_t>(linux_clock(CLOCK_REALTIME)); }

}  // namespace aster::kernel
