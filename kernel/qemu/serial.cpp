// Two 16550 serial ports (National Semiconductor PC16550D): console and control channel.
#include <string_view>

#include "abi/control.hpp"
#include "kernel/qemu/cpu.hpp"
#include "kernel/qemu/machine.hpp"

namespace aster::kernel {
namespace {

constexpr std::uint16_t console = 0x3f8, control = 0x2f8;
enum offset : std::uint16_t {
  data = 0,
  interrupt_enable = 1,
  fifo_control = 2,
  modem_control = 4,
  line_status = 5
};
constexpr std::uint8_t data_ready = 1, transmitter_empty = 0x20, transmitter_idle = 0x40;

constinit bool started[2];

/// Sets the port up on its first use; false when there is no such port.
bool start_port(std::uint16_t port) noexcept {
  bool& on = started[port == control];
  if (on) return true;
  if (cpu::in8(port + line_status) == 0xff) return false;
  on = true;
  cpu::out8(port + fifo_control, 1);
  cpu::out8(port + modem_control, 0x0b);  // DTR, RTS, and OUT2, which lets interrupts out
  return true;
}

void write_port(std::uint16_t port, const char* text, std::size_t size) noexcept {
  if (!start_port(port)) return;
  constexpr std::size_t fifo = 16;
  for (std::size_t i = 0; i < size; ++i) {
    // One look per filled FIFO: each look is an exit of the virtual machine.
    if (i % fifo == 0) {
      while (!(cpu::in8(port + line_status) & transmitter_empty)) asm volatile("pause");
    }
    cpu::out8(port + data, static_cast<std::uint8_t>(text[i]));
  }
}

constinit bool asked = false;  // whoever runs us knows that we read
constinit bool ended = false;
constinit bool literal = false;  // the byte before said so of the next one

}  // namespace

void serial_write(const char* text, std::size_t size) noexcept { write_port(console, text, size); }
void serial_control(const char* text, std::size_t size) noexcept { write_port(control, text, size); }

void serial_drain() noexcept {
  for (const std::uint16_t port : {console, control}) {
    if (!started[port == control]) continue;
    while (!(cpu::in8(port + line_status) & transmitter_idle)) asm volatile("pause");
  }
}

bool serial_readable() noexcept {
  if (!start_port(console)) return ended;
  const std::uint8_t status = cpu::in8(console + line_status);
  return ended || (status != 0xff && (status & data_ready));
}

long serial_read(char* out, std::size_t size) noexcept {
  if (!asked && start_port(console)) {
    asked = true;
    constexpr std::string_view wish = "input\n";
    serial_control(wish.data(), wish.size());
  }
  std::size_t n = 0;
  while (!ended && n < size && serial_readable()) {
    const char c = static_cast<char>(cpu::in8(console + data));
    if (!literal && c == abi::console_literal) {
      literal = true;
      continue;
    }
    if (!literal && c == abi::console_end)
      ended = true;
    else
      out[n++] = c;
    literal = false;
  }
  return n > 0 ? static_cast<long>(n) : ended ? -1 : 0;
}

long serial_control_read(char* out, std::size_t size) noexcept {
  std::size_t n = 0;
  // A port that is not there reads as all ones.
  while (n < size) {
    const std::uint8_t status = cpu::in8(control + line_status);
    if (status == 0xff || !(status & data_ready)) break;
    out[n++] = static_cast<char>(cpu::in8(control + data));
  }
  return static_cast<long>(n);
}

void serial_control_watch() noexcept {
  if (start_port(control)) cpu::out8(control + interrupt_enable, 1);
}

void serial_watch() noexcept {
  static constinit bool watched = false;
  if (watched || !start_port(console)) return;
  watched = true;
  cpu::out8(console + interrupt_enable, 1);
}

}  // namespace aster::kernel
