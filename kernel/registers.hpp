// The integer registers of an interrupted or calling context, the same shape on every target.
#pragma once
#include <cstdint>

namespace aster::kernel {

/// Order matters: kernel/qemu/traps.S and syscall_entry.S push them so.
struct registers {
  std::uint64_t r15, r14, r13, r12, rbp, rbx;          // callee-saved
  std::uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
  std::uint64_t rip, rflags, rsp;
};

}  // namespace aster::kernel
