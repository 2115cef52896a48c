// What the compiler and libc++'s headers call on their own, for a program without either library. By string
// instructions, since a loop here would be compiled into a call of itself.
#include <__verbose_abort>
#include <cstddef>

// libc++ lets a program define this: where an exception would be thrown.
void std::__libcpp_verbose_abort(const char*, ...) { __builtin_trap(); }

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) {
  void* const result = to;
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  return result;
}

void* memmove(void* to, const void* from, std::size_t size) {
  if (static_cast<char*>(to) <= from || static_cast<char*>(to) >= static_cast<const char*>(from) + size) {
    return memcpy(to, from, size);
  }
  void* const result = to;
  to = static_cast<char*>(to) + size - 1;
  from = static_cast<const char*>(from) + size - 1;
  asm volatile("std; rep movsb; cld" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  return result;
}

void* memset(void* to, int value, std::size_t size) {
  void* const result = to;
  asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
  return result;
}

int memcmp(const void* left, const void* right, std::size_t size) {
  const auto* a = static_cast<const volatile unsigned char*>(left);
  const auto* b = static_cast<const volatile unsigned char*>(right);
  for (; size != 0; --size, ++a, ++b) {
    const int x = *a;
    const int y = *b;
    if (x != y) return x - y;
  }
  return 0;
}

int bcmp(const void* left, const void* right, std::size_t size) { return memcmp(left, right, size); }

std::size_t strlen(const char* text) {
  const auto* end = const_cast<const volatile char*>(text);
  while (*end != 0) ++end;
  return static_cast<std::size_t>(end - text);
}
}
