// The few memory functions that low-level code may call. ERMS makes `rep movsb` as fast as anything for the
// sizes seen here, and it takes one instruction.
#include <cstddef>

extern "C" {

void* aster_kernel_memcpy(void* to, const void* from, std::size_t n) noexcept {
  void* const result = to;
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
  return result;
}

void* aster_kernel_memset(void* to, int value, std::size_t n) noexcept {
  void* const result = to;
  asm volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
  return result;
}

void* aster_kernel_memmove(void* to, const void* from, std::size_t n) noexcept {
  if (static_cast<std::size_t>(static_cast<char*>(to) - static_cast<const char*>(from)) >= n)
    return aster_kernel_memcpy(to, from, n);
  void* const result = to;
  auto* last_to = static_cast<char*>(to) + n - 1;
  auto* last_from = static_cast<const char*>(from) + n - 1;
  asm volatile("std; rep movsb; cld" : "+D"(last_to), "+S"(last_from), "+c"(n) : : "memory");
  return result;
}

int aster_kernel_memcmp(const void* a, const void* b, std::size_t n) noexcept {
  const auto* x = static_cast<const unsigned char*>(a);
  const auto* y = static_cast<const unsigned char*>(b);
  for (; n > 0; --n, ++x, ++y) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}

std::size_t aster_kernel_strlen(const char* s) noexcept {
  std::size_t n = 0;
  while (s[n]) ++n;
  return n;
}
}
