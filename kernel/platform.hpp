// The one place where the entry that was taken becomes the platform that programs see.
#pragma once
#include "abi/platform.hpp"

namespace aster::kernel {

/// Set by the sandbox and qemu entries once libc may run; null in a plain process.
extern constinit const abi::platform* entered;

/// The names that the fiber library registered, for panics and traces.
extern constinit abi::fiber_names fibers;

/// The platform of a plain Linux process, made on first use (kernel/process).
const abi::platform& process_platform() noexcept;

}  // namespace aster::kernel
