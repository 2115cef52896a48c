// The last step of every entry that is not Linux's own: hands the image to libc as Linux would.
#pragma once
#include <cstddef>
#include <cstdint>

namespace aster::kernel {

struct start_parameters {
  std::uint64_t vdso = 0;
  std::uint64_t hwcap = 0;
  std::uint64_t hwcap2 = 0;
};

/// Lays arguments, environment (from `options()`) and the auxiliary vector on the stack (System V ABI
/// x86-64 §3.4.1), below the caller's frames, and jumps to libc's `_start`. The target's operations are in
/// place, and the caller runs on the stack that the program will have.
[[noreturn]] void start_program(const start_parameters& parameters) noexcept;

/// Refuses to start when the boot line could not be used.
void check_boot_line(bool good) noexcept;

}  // namespace aster::kernel
