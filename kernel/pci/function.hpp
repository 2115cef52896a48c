// A PCI function: who it is, what it can do, and where its registers lie in memory.
//
//   for_each_function(config, [&](pci::function f) {
//     if (f.vendor() == 0x1af4) if (auto memory = f.bar(4, window)) …
//     return true;
//   });
#pragma once
#include <cstdint>
#include <optional>

#include "kernel/pci/config_space.hpp"

namespace aster::kernel::pci {

/// Physical addresses [base, base + bytes).
struct region {
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;

  friend bool operator==(const region&, const region&) = default;
};

/// Addresses below 4 GiB that no RAM and no device uses, for registers that the firmware has not placed: qboot
/// places none, SeaBIOS all. SeaBIOS fills QEMU's q35 from 0xfec00000 downwards, so this begins at the other end.
class free_window {
 public:
  explicit constexpr free_window(region all = {.base = 0xc000'0000, .bytes = 0x1000'0000}) noexcept : left_(all) {}

  /// `bytes` (a power of two), aligned to their size; nothing when they do not fit.
  std::optional<region> take(std::uint64_t bytes) noexcept;

 private:
  region left_;
};

/// The header of a capability in the list (PCI 3.0, §6.7).
struct capability {
  std::uint8_t id = 0;
  std::uint8_t offset = 0;  // of the capability in configuration space
};

class function {
 public:
  function(config_space& config, address at) noexcept : config_(&config), at_(at) {}

  address at() const noexcept { return at_; }
  std::uint16_t vendor() const noexcept { return read16(0x00); }
  std::uint16_t device() const noexcept { return read16(0x02); }
  std::uint8_t revision() const noexcept { return read8(0x08); }
  bool exists() const noexcept { return vendor() != 0xffff; }

  /// Fields of any alignment inside one 32-bit word; 0 for one that crosses words.
  std::uint8_t read8(std::uint8_t offset) const noexcept;
  std::uint16_t read16(std::uint8_t offset) const noexcept;
  std::uint32_t read32(std::uint8_t offset) const noexcept { return config_->read(at_, offset & 0xfc); }
  void write16(std::uint8_t offset, std::uint16_t value) const noexcept;

  /// The capability after `previous` (or the first), in list order; nothing at the end. At most 48 fit into
  /// the space: a list that is longer has a loop and ends there.
  template <class Visitor>
  void for_each_capability(Visitor&& visit) const noexcept {
    if ((read16(0x06) & 0x10) == 0) return;  // status: has a list
    std::uint8_t offset = read8(0x34) & 0xfc;
    for (int i = 0; i < 48 && offset >= 0x40; ++i) {
      if (!visit(capability{read8(offset), offset})) return;
      offset = read8(static_cast<std::uint8_t>(offset + 1)) & 0xfc;
    }
  }

  /// The memory of base address register `index` (0–5). One that the firmware left empty is placed in `window`.
  /// Nothing for ports, for absent registers and where there is no room. Decoding is off meanwhile.
  std::optional<region> bar(unsigned index, free_window& window) const noexcept;

  /// Lets the function answer at its memory and write to ours; its interrupt line stays quiet.
  void enable_memory_and_mastering() const noexcept;

 private:
  config_space* config_;
  address at_;
};

/// Calls `visit(function)` for all functions on bus 0 and behind its bridges, as the firmware has numbered
/// them, until it returns false.
template <class Visitor>
bool for_each_function(config_space& config, Visitor&& visit, std::uint8_t bus = 0) noexcept {
  for (std::uint8_t device = 0; device < 32; ++device) {
    for (std::uint8_t index = 0; index < 8; ++index) {
      const function f(config, {bus, device, index});
      if (!f.exists()) {
        if (index == 0) break;
        continue;
      }
      if (!visit(f)) return false;
      const std::uint8_t header = f.read8(0x0e);
      if ((header & 0x7f) == 1) {
        const std::uint8_t secondary = f.read8(0x19);
        if (secondary > bus && !for_each_function(config, visit, secondary)) return false;  // only ever deeper
      }
      if (index == 0 && (header & 0x80) == 0) break;  // has one function only
    }
  }
  return true;
}

}  // namespace aster::kernel::pci
