// The instructions and registers of the processor that C++ has no words for.
#pragma once
#include <cstdint>

// Always inline: a copy of a function that the linker merges with one of ordinary code might be that one, which may do
// what low code may not.
namespace aster::kernel::cpu {

struct identification {
  std::uint32_t a, b, c, d;
};

[[gnu::always_inline]] inline identification identify(std::uint32_t leaf, std::uint32_t subleaf = 0) noexcept {
  identification id;
  asm volatile("cpuid" : "=a"(id.a), "=b"(id.b), "=c"(id.c), "=d"(id.d) : "a"(leaf), "c"(subleaf));
  return id;
}

[[gnu::always_inline]] inline void out8(std::uint16_t port, std::uint8_t value) noexcept { asm volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
[[gnu::always_inline]] inline void out16(std::uint16_t port, std::uint16_t value) noexcept { asm volatile("outw %0, %1" : : "a"(value), "Nd"(port)); }
[[gnu::always_inline]] inline void out32(std::uint16_t port, std::uint32_t value) noexcept { asm volatile("outl %0, %1" : : "a"(value), "Nd"(port)); }
[[gnu::always_inline]] inline std::uint8_t in8(std::uint16_t port) noexcept {
  std::uint8_t value;
  asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}
[[gnu::always_inline]] inline std::uint16_t in16(std::uint16_t port) noexcept {
  std::uint16_t value;
  asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}
[[gnu::always_inline]] inline std::uint32_t in32(std::uint16_t port) noexcept {
  std::uint32_t value;
  asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

[[gnu::always_inline]] inline std::uint64_t read_msr(std::uint32_t number) noexcept {
  std::uint32_t low, high;
  asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
  return static_cast<std::uint64_t>(high) << 32 | low;
}
[[gnu::always_inline]] inline void write_msr(std::uint32_t number, std::uint64_t value) noexcept {
  asm volatile("wrmsr" : : "c"(number), "a"(static_cast<std::uint32_t>(value)), "d"(static_cast<std::uint32_t>(value >> 32)) : "memory");
}

[[gnu::always_inline]] inline std::uint64_t timestamp() noexcept {
  std::uint32_t low, high;
  asm volatile("rdtsc" : "=a"(low), "=d"(high));
  return static_cast<std::uint64_t>(high) << 32 | low;
}

[[gnu::always_inline]] inline std::uint64_t read_cr2() noexcept {
  std::uint64_t value;
  asm volatile("movq %%cr2, %0" : "=r"(value));
  return value;
}
[[gnu::always_inline]] inline std::uint64_t read_cr3() noexcept {
  std::uint64_t value;
  asm volatile("movq %%cr3, %0" : "=r"(value));
  return value;
}
[[gnu::always_inline]] inline void write_cr3(std::uint64_t value) noexcept { asm volatile("movq %0, %%cr3" : : "r"(value) : "memory"); }
[[gnu::always_inline]] inline std::uint64_t read_cr4() noexcept {
  std::uint64_t value;
  asm volatile("movq %%cr4, %0" : "=r"(value));
  return value;
}
[[gnu::always_inline]] inline void write_cr4(std::uint64_t value) noexcept { asm volatile("movq %0, %%cr4" : : "r"(value) : "memory"); }

/// Sleeps until an interrupt, taking those that are pending: `sti` holds interrupts off for one more
/// instruction, so none can come between it and `hlt`.
[[gnu::always_inline]] inline void sleep() noexcept { asm volatile("sti; hlt; cli" : : : "memory"); }

/// Takes the interrupts that are pending, without an exit of the virtual machine where there are none.
[[gnu::always_inline]] inline void take_interrupts() noexcept { asm volatile("sti; nop; cli" : : : "memory"); }

}  // namespace aster::kernel::cpu
