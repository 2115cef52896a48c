// The configuration space of PCI functions, 32 bits at a time.
//
// Every function has 256 bytes of it. What they say comes from the machine and is not trusted: whoever reads
// a bar number, an offset or the next capability checks it (function.hpp).
#pragma once
#include <cstdint>

namespace aster::kernel::pci {

/// Which function: bus 0–255, device 0–31, function 0–7.
struct address {
  std::uint8_t bus = 0;
  std::uint8_t device = 0;
  std::uint8_t function = 0;

  friend bool operator==(const address&, const address&) = default;
};

/// Not virtual: PCI is looked at before libc has relocated the image, when a table of functions in static data holds
/// addresses that are not true yet. Whoever constructs one of these at that time stores addresses that are.
class config_space {
 public:
  /// `offset` is a multiple of 4 below 256. A function that is not there reads as all ones.
  std::uint32_t read(address at, std::uint8_t offset) noexcept { return reader_(*this, at, offset); }
  void write(address at, std::uint8_t offset, std::uint32_t value) noexcept { writer_(*this, at, offset, value); }

 protected:
  using reader = std::uint32_t (*)(config_space& self, address at, std::uint8_t offset) noexcept;
  using writer = void (*)(config_space& self, address at, std::uint8_t offset, std::uint32_t value) noexcept;
  constexpr config_space(reader r, writer w) noexcept : reader_(r), writer_(w) {}
  ~config_space() = default;

 private:
  reader reader_;
  writer writer_;
};

/// Configuration mechanism #1 (PCI Local Bus 3.0, §3.2.2.3.2): ports 0xcf8 and 0xcfc. Runs at CPL 0, and not
/// from interrupt handlers, as the two accesses belong together.
class port_config_space final : public config_space {
 public:
  constexpr port_config_space() noexcept : config_space(read_ports, write_ports) {}

 private:
  static std::uint32_t read_ports(config_space&, address at, std::uint8_t offset) noexcept;
  static void write_ports(config_space&, address at, std::uint8_t offset, std::uint32_t value) noexcept;
};

}  // namespace aster::kernel::pci
