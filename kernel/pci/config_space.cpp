#include "kernel/pci/config_space.hpp"

namespace aster::kernel::pci {
namespace {

constexpr std::uint16_t address_port = 0xcf8, data_port = 0xcfc;

void output(std::uint16_t port, std::uint32_t value) noexcept {
  asm volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

std::uint32_t input(std::uint16_t port) noexcept {
  std::uint32_t value;
  asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}

void select(address at, std::uint8_t offset) noexcept {
  output(address_port, 0x80000000u | std::uint32_t{at.bus} << 16 | (at.device & 31u) << 11 | (at.function & 7u) << 8 |
                           (offset & 0xfcu));
}

}  // namespace

std::uint32_t port_config_space::read_ports(config_space&, address at, std::uint8_t offset) noexcept {
  select(at, offset);
  return input(data_port);
}

void port_config_space::write_ports(config_space&, address at, std::uint8_t offset, std::uint32_t value) noexcept {
  select(at, offset);
  output(data_port, value);
}

}  // namespace aster::kernel::pci
