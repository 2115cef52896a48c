#include "kernel/panic.hpp"
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"

namespace aster::kernel {
namespace {

bool rdrand(std::uint64_t& value) noexcept {
  bool good;
  asm volatile("rdrand %0" : "=r"(value), "=@ccc"(good));
  return good;
}

bool rdseed(std::uint64_t& value) noexcept {
  bool good;
  asm volatile("rdseed %0" : "=r"(value), "=@ccc"(good));
  return good;
}

bool can_rdrand() noexcept { return (cpu::identify(1).c & (1u << 30)) != 0; }
bool can_rdseed() noexcept { return cpu::identify(0).a >= 7 && (cpu::identify(7).b & (1u << 18)) != 0; }

}  // namespace

bool has_hardware_random() noexcept { return can_rdrand() || can_rdseed(); }

std::uint64_t hardware_random() noexcept {
  static constinit int with_rdrand = -1;
  if (with_rdrand < 0) with_rdrand = can_rdrand() ? 1 : 0;
  std::uint64_t value = 0;
  // RDRAND delivers within 10 tries (Intel DRNG guide §5.2.1); RDSEED may need longer.
  for (int tries = 0; tries < 100'000; ++tries) {
    if (with_rdrand ? rdrand(value) : rdseed(value)) return value;
    asm volatile("pause");
  }
  refuse("no source of entropy", "the processor's random number generator does not answer", abi::exit_no_entropy);
}

void fill_hardware_random(void* data, std::size_t size) noexcept {
  auto* out = static_cast<std::uint8_t*>(data);
  while (size > 0) {
    std::uint64_t value = hardware_random();
    for (int i = 0; i < 8 && size > 0; ++i, --size, value >>= 8) *out++ = static_cast<std::uint8_t>(value);
  }
}

}  // namespace aster::kernel
