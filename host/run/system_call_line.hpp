// A system call that libc inside an image made, as a line that reads like strace's:
//
//   0.001234 main        openat(AT_FDCWD, "/etc/localtime", O_RDONLY|O_CLOEXEC) = -ENOENT  2.1 µs
//   0.001301 main        io_setup(0x80, 0x7f…) = -ENOSYS (not served)  1.0 µs
#pragma once
#include <string>
#include <string_view>

#include "host/run/control_record.hpp"

namespace aster::host {

/// x86-64 Linux's name of a call; "call 999" for a number without one.
std::string system_call_name(int number);

/// "ENOENT"; "errno 999" for a number without a name.
std::string errno_name(int number);

std::string describe(const control::system_call& call);

}  // namespace aster::host
