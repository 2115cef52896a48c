// Signals of a Linux process that lives as an image: faults become panics, SIGTERM becomes a request.
#pragma once
#include <ucontext.h>

#include "kernel/registers.hpp"

namespace aster::kernel {

/// The integer registers that a signal found.
inline registers registers_of(const ucontext_t& context) noexcept {
  const auto* const g = context.uc_mcontext.gregs;
  const auto at = [g](int i) { return static_cast<std::uint64_t>(g[i]); };
  return {.r15 = at(REG_R15), .r14 = at(REG_R14), .r13 = at(REG_R13), .r12 = at(REG_R12), .rbp = at(REG_RBP),
          .rbx = at(REG_RBX), .r11 = at(REG_R11), .r10 = at(REG_R10), .r9 = at(REG_R9), .r8 = at(REG_R8),
          .rax = at(REG_RAX), .rcx = at(REG_RCX), .rdx = at(REG_RDX), .rsi = at(REG_RSI), .rdi = at(REG_RDI),
          .rip = at(REG_RIP), .rflags = at(REG_EFL), .rsp = at(REG_RSP)};
}

/// Panics with what `signal` (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP) means here. `mapped`: whether the
/// program has something at the address that a SIGSEGV names.
[[noreturn]] void panic_on_signal(int signal, const siginfo_t& info, const ucontext_t& context, bool mapped) noexcept;

}  // namespace aster::kernel
