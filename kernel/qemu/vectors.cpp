// The vector registers: what the processor has is switched on, and saved whole around a switch of threads.
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"
#include "kernel/thread/thread.hpp"

namespace aster::kernel {
namespace {

constinit std::uint64_t components = 0;  // XCR0; 0: FXSAVE only

}  // namespace

void enable_vectors() noexcept {
  constexpr std::uint64_t osxsave = 1 << 18;
  if (cpu::identify(1).c & (1u << 26)) {
    cpu::write_cr4(cpu::read_cr4() | osxsave);
    const cpu::identification extended = cpu::identify(0xd);
    // x87, SSE, AVX and the three parts of AVX-512: what fits into thread::vectors.
    components = extended.a & 0xe7u;
    asm volatile("xsetbv" : : "c"(0), "a"(static_cast<std::uint32_t>(components)), "d"(0));
    if (cpu::identify(0xd).b > sizeof(thread::vectors)) {
      components &= 7;
      asm volatile("xsetbv" : : "c"(0), "a"(static_cast<std::uint32_t>(components)), "d"(0));
    }
  }
  constexpr std::uint32_t all_masked = 0x1f80;
  asm volatile("ldmxcsr %0" : : "m"(all_masked));
}

void save_vectors(std::uint8_t* to) noexcept {
  if (components) asm volatile("xsave64 (%0)" : : "r"(to), "a"(static_cast<std::uint32_t>(components)), "d"(0) : "memory");
  else asm volatile("fxsave64 (%0)" : : "r"(to) : "memory");
}

void load_vectors(const std::uint8_t* from) noexcept {
  if (components) asm volatile("xrstor64 (%0)" : : "r"(from), "a"(static_cast<std::uint32_t>(components)), "d"(0) : "memory");
  else asm volatile("fxrstor64 (%0)" : : "r"(from) : "memory");
}

}  // namespace aster::kernel
