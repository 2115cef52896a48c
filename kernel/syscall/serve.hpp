// The Linux system calls that libc and third-party libraries make, served inside the image.
//
// Serves the call in `call` (System V numbers and argument registers) as Linux would, within what a unikernel
// has: memory, threads, time, entropy and a console; no files, no processes, no sockets. What is not served
// answers ENOSYS and is reported once by name. Runs on the caller's stack.
#pragma once
#include <cstdint>

#include "kernel/registers.hpp"

namespace aster::kernel {

/// The arguments of a system call, in order.
struct call {
  std::uint64_t number, a, b, c, d, e, f;
  const registers& at;  // the whole context: rip is the return address, rsp the caller's
};

/// The answer: a value, or a negated errno.
long serve(const call& call) noexcept;

// One function per kind of call; each answers `unserved` for a number that is not its own.
inline constexpr long unserved = -100000;
long serve_memory(const call& call) noexcept;
long serve_files(const call& call) noexcept;
long serve_poll(const call& call) noexcept;
long serve_time(const call& call) noexcept;
long serve_threads(const call& call) noexcept;
long serve_identity(const call& call) noexcept;

}  // namespace aster::kernel
