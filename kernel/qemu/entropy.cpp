// Random numbers, from the first of these that the machine has: RDRAND, RDSEED, a virtio entropy device. An
// image whose machine has none of them refuses to start: nothing that could be guessed stands in for it.
#include "kernel/panic.hpp"
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/entropy_device.hpp"
#include "kernel/qemu/machine.hpp"
#include "kernel/text.hpp"

namespace aster::kernel {
namespace {

enum class source : std::uint8_t { none, rdrand, rdseed, device };
constinit source chosen = source::none;

bool has_instruction(source s) noexcept {
  if (s == source::rdrand) return (cpu::identify(1).c & (1u << 30)) != 0;
  return cpu::identify(0).a >= 7 && (cpu::identify(7).b & (1u << 18)) != 0;
}

/// RDRAND delivers within 10 tries (Intel DRNG guide §5.2.1); RDSEED may need longer.
bool ask_processor(source s, std::uint64_t& value) noexcept {
  for (int tries = 0; tries < 100'000; ++tries) {
    bool good;
    if (s == source::rdrand) asm volatile("rdrand %0" : "=r"(value), "=@ccc"(good));
    else asm volatile("rdseed %0" : "=r"(value), "=@ccc"(good));
    if (good) return true;
    asm volatile("pause");
  }
  return false;
}

/// Whether the instruction is there and answers, and not always the same: some AMD processors say "good" and all
/// ones from a generator that stands still (their erratum of 2019).
bool works(source s) noexcept {
  if (!has_instruction(s)) return false;
  std::uint64_t first = 0, next = 0;
  bool changes = false;
  if (!ask_processor(s, first)) return false;
  for (int i = 0; i < 3; ++i) {
    if (!ask_processor(s, next)) return false;
    changes |= next != first;
  }
  return changes;
}

void mend(text_line& out, entropy_device_state state) noexcept {
  out.add("the processor has no RDRAND and no RDSEED that work, and ");
  switch (state) {
    case entropy_device_state::ready:
    case entropy_device_state::broken: out.add("the virtio entropy device does not answer as it should"); break;
    case entropy_device_state::absent:
      out.add("there is no virtio entropy device (QEMU: add -device virtio-rng-device on microvm, -device virtio-rng-pci"
              " elsewhere, or choose a -cpu that has rdrand)");
      break;
    case entropy_device_state::legacy_mmio:
      out.add("the virtio entropy device is a legacy one (QEMU: add -global virtio-mmio.force-legacy=false)");
      break;
    case entropy_device_state::legacy_pci:
      out.add("the virtio entropy device is a legacy one (QEMU: leave out disable-modern=on)");
      break;
  }
}

[[noreturn]] void refuse_without(entropy_device_state state) noexcept {
  text_line detail;
  mend(detail, state);
  refuse("no source of entropy", {detail.data(), detail.size()}, abi::exit_no_entropy);
}

}  // namespace

void start_entropy() noexcept {
  if (works(source::rdrand)) {
    chosen = source::rdrand;
  } else if (works(source::rdseed)) {
    chosen = source::rdseed;
  } else {
    if (const auto state = start_entropy_device(); state != entropy_device_state::ready) refuse_without(state);
    chosen = source::device;
  }
}

void entropy_has_moved() noexcept {
  if (chosen != source::device) return;
  if (const auto state = start_entropy_device(); state != entropy_device_state::ready) refuse_without(state);
}

void fill_entropy(void* data, std::size_t size) noexcept {
  if (chosen == source::device) {
    if (!ask_entropy_device(data, size)) refuse_without(entropy_device_state::broken);
    return;
  }
  auto* out = static_cast<std::uint8_t*>(data);
  while (size > 0) {
    std::uint64_t value = 0;
    if (!ask_processor(chosen, value))
      refuse("no source of entropy", "the processor's random number generator does not answer", abi::exit_no_entropy);
    for (int i = 0; i < 8 && size > 0; ++i, --size, value >>= 8) *out++ = static_cast<std::uint8_t>(value);
  }
}

}  // namespace aster::kernel
