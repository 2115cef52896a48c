// The sandbox target: an image inside a Linux process of our tender, behind a seccomp filter.
#pragma once
#include <signal.h>

#include <cstdint>

#include "abi/platform.hpp"
#include "abi/sandbox.hpp"

namespace aster::kernel {

/// Set by the SIGTERM handler; read by whoever idles.
extern constinit volatile sig_atomic_t sandbox_stop_requested;

/// What the tender gave us to carry frames with.
extern constinit abi::sandbox_ring sandbox_ring;

/// Sleeps in one ppoll over the console (if wanted) and the attached devices, until `deadline`.
void sandbox_idle(std::uint64_t deadline, bool want_console) noexcept;

/// Whether console input, or its end, is there now.
bool sandbox_console_readable() noexcept;

/// The platform that programs see.
extern const abi::platform sandbox_platform;

}  // namespace aster::kernel
