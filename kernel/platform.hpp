// The one place where the entry that was taken becomes the platform that programs see.
#pragma once
#include "abi/platform.hpp"

namespace aster::kernel {

/// Set by the sandbox and qemu entries once libc may run; null in a plain process.
extern constinit const abi::platform* entered;

/// The names that the fiber library registered, for panics and traces.
extern constinit abi::fiber_names fibers;

/// How much CPU time passes between two looks at whether a fiber hogs it.
inline constexpr std::uint64_t tick_period = 50'000'000;

/// The platform of a plain Linux process, made on first use (kernel/process).
const abi::platform& process_platform() noexcept;

}  // namespace aster::kernel
