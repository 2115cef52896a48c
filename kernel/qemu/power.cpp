// The power button, and the ways to switch a virtual machine off. QEMU's q35 has the ACPI registers of an ICH9
// (Intel 31xxxx ICH9 datasheet §13.8.3), its microvm the generic event device of reduced hardware ACPI 6.
#include "kernel/boot_options.hpp"
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"
#include "kernel/text.hpp"

namespace aster::kernel {
namespace {

enum class board : std::uint8_t { unknown, q35, microvm };
constinit board kind = board::unknown;
constinit std::uint16_t power_management = 0;               // q35: I/O base
constinit volatile std::uint32_t* event_device = nullptr;   // microvm
constinit volatile std::uint8_t* sleep_control = nullptr;

constinit volatile bool event = false;  // something to look at in the registers

constexpr std::uint16_t button = 1 << 8;
constexpr unsigned line = 9;

bool find_q35() noexcept {
  constexpr std::uint32_t ich9_lpc = 0x29188086;
  pci::port_config_space config;
  constexpr pci::address lpc{.bus = 0, .device = 31, .function = 0};
  if (config.read(lpc, 0) != ich9_lpc) return false;
  kind = board::q35;
  power_management = config.read(lpc, 0x40) & 0xff80;
  return true;
}

void find_board() noexcept {
  if (kind != board::unknown || find_q35()) return;
  kind = board::microvm;
  event_device = static_cast<volatile std::uint32_t*>(map_device_registers(0xfea00000, 4));
  sleep_control = static_cast<volatile std::uint8_t*>(map_device_registers(0xfea00200, 1));
}

}  // namespace

void keep_power_button() noexcept {
  if (find_q35() && power_management) cpu::out16(power_management + 2, button);
}

void start_power_button() noexcept {
  find_board();
  if (kind == board::q35 && power_management) {
    // Level triggered: the handler must silence it, or it would come again at once.
    const auto handler = [](void*) {
      cpu::out16(power_management + 2, 0);
      event = true;
    };
    connect_interrupt_line(line, allocate_vector(handler, nullptr), true);
    cpu::out16(power_management + 2, button);
  } else {
    connect_interrupt_line(line, allocate_vector([](void*) { event = true; }, nullptr), false);
  }
  event = true;  // it may have been pressed before anybody listened
}

bool power_button_pressed() noexcept {
  if (!event) return false;
  event = false;
  if (kind == board::q35 && power_management) return (cpu::in16(power_management) & button) != 0;
  if (kind == board::microvm && event_device) {
    const std::uint32_t events = *event_device;  // reading clears
    return events != 0xffffffff && (events & 2) != 0;
  }
  return false;
}

void power_off(int code) noexcept {
  text_line line_out;
  line_out.add("exit ").decimal(static_cast<std::uint64_t>(code & 0xff)).add('\n');
  serial_control(line_out.data(), line_out.size());
  serial_drain();
  cpu::out32(0xf4, static_cast<std::uint32_t>(code & 0x7f));  // isa-debug-exit, where it is
  find_board();
  if (kind == board::q35 && power_management) cpu::out16(power_management + 4, 0x2000);  // SLP_EN, S5
  if (sleep_control) *sleep_control = 0x34;
  // Nothing heard: a triple fault ends or resets every virtual machine.
  struct [[gnu::packed]] {
    std::uint16_t limit;
    std::uint64_t base;
  } const none{0, 0};
  asm volatile("lidt %0; ud2" : : "m"(none));
  for (;;) asm volatile("hlt");
}

}  // namespace aster::kernel
