// The end of an image that cannot go on: says what happened, where, and how it got there, then stops.
//
// The report goes to the control channel when somebody listens there (`aster run` then names functions and
// lines), else to standard error with addresses relative to the image, which `aster symbolize` turns into
// names. A panic inside a panic says so and stops at once.
#pragma once
#include <string_view>

#include "abi/platform.hpp"
#include "kernel/registers.hpp"

namespace aster::kernel {

/// Reports `what` with the registers and the call chain of `at`, and exits with `code`.
[[noreturn]] void panic(std::string_view what, const registers& at, int code = abi::exit_panic) noexcept;

/// A panic of the kernel's own, from here.
[[noreturn]] void panic_here(std::string_view what, int code = abi::exit_panic) noexcept;

/// Refuses to start: one line on the console, no backtrace, before libc runs.
[[noreturn]] void refuse(std::string_view why, std::string_view detail, int code) noexcept;

/// One line to whoever watches: a `note` record, or standard error.
void note(std::string_view text) noexcept;

}  // namespace aster::kernel
