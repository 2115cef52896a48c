// A Linux system call without libc. Returns the kernel's answer: a value, or a negated errno.
#pragma once
#include <asm/unistd_64.h>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace aster::host::sandbox {

/// What a system call takes: a number or an address.
template <class T>
concept call_argument = std::integral<T> || std::is_pointer_v<T> || std::same_as<T, std::nullptr_t>;

template <call_argument T>
inline long as_register(T value) noexcept {
  if constexpr (std::integral<T>) {
    return static_cast<long>(value);
  } else if constexpr (std::same_as<T, std::nullptr_t>) {
    return 0;
  } else {
    return reinterpret_cast<long>(value);
  }
}

template <call_argument A = long, call_argument B = long, call_argument C = long, call_argument D = long,
          call_argument E = long, call_argument F = long>
inline long linux_call(long number, A a = 0, B b = 0, C c = 0, D d = 0, E e = 0, F f = 0) noexcept {
  register long r10 asm("r10") = as_register(d);
  register long r8 asm("r8") = as_register(e);
  register long r9 asm("r9") = as_register(f);
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(as_register(a)), "S"(as_register(b)), "d"(as_register(c)), "r"(r10),
                 "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

}  // namespace aster::host::sandbox
