// Time: the time stamp counter, and how fast it runs, without ever waiting to find out.
//
// The ladder: KVM's clock page says it (CPUID 0x40000001 bit 3); else CPUID leaf 0x15; else it is measured
// against the free-running APIC timer between the first question and the next ones, ever more exactly, until
// that timer is needed for something else.
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"
#include "kernel/qemu/page_tables.hpp"

namespace aster::kernel {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

using wide = unsigned __int128;

// nanoseconds = base_time + (tsc - base_stamp) * scale / 2^32
constinit std::uint64_t base_stamp = 0, base_time = 0, scale = 0;
constinit bool settled = false;  // the scale is as good as it gets
constinit bool measuring = false;  // against the reference, since the first question
constinit std::int64_t wall_offset = 0;
constinit bool wall_known = false, has_kvm_clock = false;

struct kvm_time {  // Documentation/virt/kvm/x86/msr.rst, pvclock_vcpu_time_info
  std::uint32_t version, pad;
  std::uint64_t stamp, system_time;
  std::uint32_t multiplier;
  std::int8_t shift;
  std::uint8_t flags, rest[2];
};
struct kvm_wall {  // pvclock_wall_clock
  std::uint32_t version, seconds, nanoseconds;
};
alignas(64) constinit volatile kvm_time kvm_page{};
alignas(64) constinit volatile kvm_wall kvm_epoch{};
constexpr std::uint32_t msr_wall = 0x4b564d00, msr_time = 0x4b564d01;

std::uint64_t scaled(std::uint64_t ticks) noexcept {
  return static_cast<std::uint64_t>(static_cast<wide>(ticks) * scale >> 32);
}

bool ask_kvm() noexcept {
  const cpu::identification signature = cpu::identify(0x40000000);
  if (signature.b != 0x4b4d564b || signature.c != 0x564b4d56 || signature.d != 0x4d) return false;  // KVMKVMKVM
  if (!(cpu::identify(0x40000001).a & (1u << 3))) return false;
  has_kvm_clock = true;
  // Asked by the first half of the boot, where addresses are physical.
  cpu::write_msr(msr_time, reinterpret_cast<std::uint64_t>(&kvm_page) | 1);
  const std::uint32_t multiplier = kvm_page.multiplier;
  const int shift = kvm_page.shift;
  if (multiplier == 0) return false;
  scale = shift >= 0 ? static_cast<std::uint64_t>(multiplier) << shift : multiplier >> -shift;
  cpu::write_msr(msr_time, 0);
  return true;
}

bool ask_cpuid() noexcept {
  if (cpu::identify(0).a < 0x15) return false;
  const cpu::identification ratio = cpu::identify(0x15);  // tsc = crystal c * b / a
  if (ratio.a == 0 || ratio.b == 0 || ratio.c == 0) return false;
  const std::uint64_t hertz = static_cast<std::uint64_t>(ratio.c) * ratio.b / ratio.a;
  scale = static_cast<std::uint64_t>((static_cast<wide>(second) << 32) / hertz);
  return true;
}

/// A moment on both clocks. Reading the timer is an exit of the virtual machine, which may take long: of a few
/// tries the one with the least time around it counts.
struct moment {
  std::uint64_t stamp, elapsed;
};
moment look() noexcept {
  moment best{0, ~0ull};
  std::uint64_t least = ~0ull;
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t before = cpu::timestamp(), elapsed = reference_elapsed(), after = cpu::timestamp();
    if (after - before >= least) continue;
    least = after - before;
    best = {before + least / 2, elapsed};
  }
  return best;
}

constexpr std::uint64_t enough = 200'000'000;  // of measuring: 1 µs of error is 5 parts in a million
constexpr std::uint64_t too_little = 5'000'000;

constinit moment first{};

void begin_measuring() noexcept {
  start_reference();
  first = look();
}

/// Sets the scale from what has passed since `begin_measuring` on both clocks; time goes on without a step.
void measure() noexcept {
  const moment now = look();
  if (now.elapsed == ~0ull || now.elapsed <= first.elapsed || now.stamp <= first.stamp) return;
  const std::uint64_t elapsed = now.elapsed - first.elapsed;
  base_time += scale != 0 ? scaled(now.stamp - base_stamp) : elapsed;
  base_stamp = now.stamp;
  scale = static_cast<std::uint64_t>((static_cast<wide>(elapsed) << 32) / (now.stamp - first.stamp));
  if (elapsed >= enough) settled = true;
}

/// Measures for a moment, where the reference ran out or is needed elsewhere before it told enough.
void measure_now() noexcept {
  begin_measuring();
  while (reference_elapsed() < first.elapsed + too_little) asm volatile("pause");
  measure();
  settled = true;
}

std::uint64_t days_from_civil(std::uint64_t year, std::uint64_t month, std::uint64_t day) noexcept {
  // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", for years from 1970 on.
  year -= month <= 2;
  const std::uint64_t era = year / 400, year_of_era = year % 400;
  const std::uint64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/// The MC146818 clock of a PC, in seconds since 1970 UTC; 0 when there is none.
std::uint64_t read_rtc() noexcept {
  const auto field = [](std::uint8_t index) noexcept {
    cpu::out8(0x70, index);
    return cpu::in8(0x71);
  };
  if (field(0x0d) == 0xff) return 0;  // no such chip: valid RAM reads 0x80 or 0
  std::uint8_t raw[6];
  constexpr std::uint8_t index[6] = {0, 2, 4, 7, 8, 9};  // s, min, h, day, month, year
  for (int tries = 0; tries < 1000; ++tries) {
    if (field(0x0a) & 0x80) continue;  // being updated
    for (int i = 0; i < 6; ++i) raw[i] = field(index[i]);
    if (field(0) == raw[0]) break;
  }
  const std::uint8_t mode = field(0x0b);
  std::uint64_t value[6];
  for (int i = 0; i < 6; ++i) {
    const std::uint8_t digits = i == 2 ? raw[i] & 0x7f : raw[i];
    value[i] = mode & 4 ? digits : (digits >> 4) * 10u + (digits & 15u);  // binary or BCD
  }
  if (!(mode & 2)) value[2] = value[2] % 12 + (raw[2] & 0x80 ? 12 : 0);   // 12-hour clock
  const std::uint64_t century = field(0x32);
  const std::uint64_t year = (century >= 0x19 && century <= 0x99 ? (century >> 4) * 10 + (century & 15) : 20) * 100 + value[5];
  return days_from_civil(year, value[4], value[3]) * 86400 + value[2] * 3600 + value[1] * 60 + value[0];
}

}  // namespace

void start_clock() noexcept {
  base_stamp = cpu::timestamp();
  settled = ask_kvm() || ask_cpuid();
}

std::uint64_t clock_monotonic() noexcept {
  if (!settled) {
    if (!measuring) {  // time begins with the first question
      measuring = true;
      begin_measuring();
      base_stamp = first.stamp;
    }
    if (reference_elapsed() == ~0ull) measure_now();
    else measure();
    if (scale == 0) return base_time;
  }
  return base_time + scaled(cpu::timestamp() - base_stamp);
}

void clock_lose_reference() noexcept {
  if (settled) return;
  const bool told_little = reference_elapsed() < first.elapsed + too_little || reference_elapsed() == ~0ull;
  if (!measuring || told_little) measure_now();
  else measure();
  settled = true;
}

std::int64_t clock_wall() noexcept {
  const std::uint64_t now = clock_monotonic();
  if (!wall_known) {
    std::uint64_t epoch = 0;
    if (has_kvm_clock) {
      cpu::write_msr(msr_wall, tables().physical(reinterpret_cast<std::uint64_t>(&kvm_epoch)));
      // The moment the machine booted; the machine's age is its time stamp, counted from 0.
      epoch = kvm_epoch.seconds * second + kvm_epoch.nanoseconds + scaled(base_stamp);
    }
    if (epoch == 0) epoch = read_rtc() * second;
    wall_offset = static_cast<std::int64_t>(epoch) - (has_kvm_clock ? 0 : static_cast<std::int64_t>(now));
    wall_known = true;
  }
  return wall_offset + static_cast<std::int64_t>(now);
}

}  // namespace aster::kernel
