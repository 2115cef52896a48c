// A Linux system call without libc: for the targets that live inside a Linux process. Usable before
// relocation and inside signal handlers. Returns the kernel's answer: a value, or a negated errno.
#pragma once
#include <sys/syscall.h>

#include "abi/sandbox.hpp"

namespace aster::kernel {

inline long linux_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) noexcept {
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = abi::own_call_mark;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

}  // namespace aster::kernel
