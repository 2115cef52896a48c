#include "kernel/pci/function.hpp"

namespace aster::kernel::pci {
namespace {

constexpr std::uint8_t command_register = 0x04, first_bar = 0x10;
enum : std::uint16_t {
  decode_ports = 1,
  decode_memory = 2,
  bus_master = 4,
  line_disabled = 0x400,
};

}  // namespace

std::optional<region> free_window::take(std::uint64_t bytes) noexcept {
  if (bytes == 0 || (bytes & (bytes - 1)) != 0) return std::nullopt;
  const std::uint64_t base = (left_.base + bytes - 1) & ~(bytes - 1);
  const std::uint64_t end = left_.base + left_.bytes;
  if (base < left_.base || base > end || end - base < bytes) return std::nullopt;
  left_ = {.base = base + bytes, .bytes = end - base - bytes};
  return region{.base = base, .bytes = bytes};
}

std::uint8_t function::read8(std::uint8_t offset) const noexcept {
  return static_cast<std::uint8_t>(read32(offset) >> (offset & 3) * 8);
}

std::uint16_t function::read16(std::uint8_t offset) const noexcept {
  if ((offset & 3) == 3) return 0;
  return static_cast<std::uint16_t>(read32(offset) >> (offset & 3) * 8);
}

void function::write16(std::uint8_t offset, std::uint16_t value) const noexcept {
  // The command register's other half is the status register, whose bits are cleared by writing ones.
  std::uint32_t word = offset - (offset & 3) == command_register ? 0 : read32(offset);
  const unsigned shift = (offset & 2) * 8;
  word = (word & ~(0xffffu << shift)) | std::uint32_t{value} << shift;
  config_->write(at_, offset & 0xfc, word);
}

std::optional<region> function::bar(unsigned index, free_window& window) const noexcept {
  if (index > 5) return std::nullopt;
  for (unsigned i = 0; i < index; ++i) {
    if ((read32(static_cast<std::uint8_t>(first_bar + 4 * i)) & 7) != 4) continue;
    if (++i == index) return std::nullopt;  // the upper half of a 64-bit register is none of its own
  }
  const auto low_at = static_cast<std::uint8_t>(first_bar + 4 * index);
  const auto high_at = static_cast<std::uint8_t>(low_at + 4);
  const std::uint32_t low = read32(low_at);
  if ((low & 1) != 0) return std::nullopt;  // ports
  const bool wide = (low & 6) == 4;
  if (wide && index == 5) return std::nullopt;
  const std::uint32_t high = wide ? read32(high_at) : 0;

  // The bits that stay zero when ones are written are the size (PCI 3.0, §6.2.5.1).
  const std::uint16_t command = read16(command_register);
  write16(command_register, command & static_cast<std::uint16_t>(~(decode_ports | decode_memory)));
  config_->write(at_, low_at, ~0u);
  if (wide) config_->write(at_, high_at, ~0u);
  const std::uint64_t mask = (read32(low_at) & ~0xfu) | std::uint64_t{wide ? read32(high_at) : ~0u} << 32;
  const std::uint64_t bytes = mask & (~mask + 1);  // its lowest bit

  std::optional<region> result;
  std::uint64_t base = (low & ~0xfu) | std::uint64_t{high} << 32;
  if ((mask & 0xffff'fff0) != 0 || (wide && mask >> 32 != 0)) {
    if (base != 0) {
      if ((base & (bytes - 1)) == 0 && base + bytes > base) result = region{.base = base, .bytes = bytes};
    } else if ((result = window.take(bytes))) {
      base = result->base;
    }
  }
  config_->write(at_, low_at, static_cast<std::uint32_t>(base) | (low & 0xf));
  if (wide) config_->write(at_, high_at, static_cast<std::uint32_t>(base >> 32));
  write16(command_register, command);
  return result;
}

void function::enable_memory_and_mastering() const noexcept {
  write16(command_register, read16(command_register) | decode_memory | bus_master | line_disabled);
}

}  // namespace aster::kernel::pci
