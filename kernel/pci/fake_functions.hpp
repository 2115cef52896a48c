// For tests: PCI functions whose configuration space behaves as hardware's does, in particular when ones are
// written to a base address register to learn its size.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernel/pci/config_space.hpp"

namespace aster::kernel::pci::testing {

struct fake_function {
  address at;
  std::array<std::uint8_t, 256> bytes{};
  std::array<std::uint32_t, 6> writable_bar_bits{};  // the rest of a register is fixed

  explicit fake_function(address where, std::uint16_t vendor = 0x1af4, std::uint16_t device = 0x1041) : at(where) {
    put16(0x00, vendor);
    put16(0x02, device);
  }
  void put8(unsigned offset, std::uint8_t v) { bytes.at(offset) = v; }
  void put16(unsigned offset, std::uint16_t v) { std::memcpy(&bytes.at(offset), &v, 2); }
  void put32(unsigned offset, std::uint32_t v) { std::memcpy(&bytes.at(offset), &v, 4); }
  std::uint32_t get32(unsigned offset) const {
    std::uint32_t v;
    std::memcpy(&v, &bytes.at(offset), 4);
    return v;
  }

  /// A memory region of `size` bytes at `base`, in register `index`.
  void memory(unsigned index, std::uint32_t base, std::uint32_t size) {
    writable_bar_bits.at(index) = ~(size - 1);
    put32(0x10 + 4 * index, base);
  }
  /// The same in registers `index` and `index + 1`, 64 bits wide and prefetchable.
  void wide_memory(unsigned index, std::uint64_t base, std::uint64_t size) {
    writable_bar_bits.at(index) = static_cast<std::uint32_t>(~(size - 1)) & ~0xfu;
    writable_bar_bits.at(index + 1) = static_cast<std::uint32_t>(~(size - 1) >> 32);
    put32(0x10 + 4 * index, static_cast<std::uint32_t>(base) | 0xc);
    put32(0x14 + 4 * index, static_cast<std::uint32_t>(base >> 32));
  }
  /// Puts a capability in front of the list.
  void capability(std::uint8_t offset, std::uint8_t id, std::vector<std::uint8_t> rest = {}) {
    put8(0x06, 0x10);
    put8(offset, id);
    put8(offset + 1u, bytes[0x34]);
    for (std::size_t i = 0; i < rest.size(); ++i) put8(offset + 2u + static_cast<unsigned>(i), rest[i]);
    put8(0x34, offset);
  }
};

class fake_functions final : public config_space {
 public:
  fake_functions() noexcept
      : config_space(
            [](config_space& self, address at, std::uint8_t offset) noexcept {
              return static_cast<fake_functions&>(self).read_fake(at, offset);
            },
            [](config_space& self, address at, std::uint8_t offset, std::uint32_t value) noexcept {
              static_cast<fake_functions&>(self).write_fake(at, offset, value);
            }) {}

  std::vector<fake_function> all;
  unsigned measured_while_decoding = 0;  // times a base address register changed while its function answered

 private:
  std::uint32_t read_fake(address at, std::uint8_t offset) noexcept {
    for (const auto& f : all)
      if (f.at == at) return f.get32(offset);
    return ~0u;
  }
  void write_fake(address at, std::uint8_t offset, std::uint32_t value) noexcept {
    for (auto& f : all) {
      if (!(f.at == at)) continue;
      if (offset >= 0x10 && offset < 0x28) {
        const unsigned index = (offset - 0x10u) / 4;
        const std::uint32_t bits = f.writable_bar_bits[index];
        if ((f.bytes[0x04] & 3) != 0) ++measured_while_decoding;
        f.put32(offset, (f.get32(offset) & ~bits) | (value & bits));
      } else if (offset == 0x04) {
        f.put16(0x04, static_cast<std::uint16_t>(value));  // the status register has only bits to clear
      } else if (offset >= 0x40) {
        f.put32(offset, value);
      }
    }
  }
};

}  // namespace aster::kernel::pci::testing
