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

class config_space {
 public:
  /// `offset` is a multiple of 4 below 256. A function that is not there reads as all ones.
  virtual std::uint32_t read(address at, std::uint8_t offset) noexcept = 0;
  virtual void write(address at, std::uint8_t offset, std::uint32_t value) noexcept = 0;

 protected:
  ~config_space() = default;
};

/// Configuration mechanism #1 (PCI Local Bus 3.0, §3.2.2.3.2): ports 0xcf8 and 0xcfc. Runs at CPL 0, and not
/// from interrupt handlers, as the two accesses belong together.
class port_config_space final : public config_space {
 public:
  std::uint32_t read(address at, std::uint8_t offset) noexcept override;
  void write(address at, std::uint8_t offset, std::uint32_t value) noexcept override;
};

}  // namespace aster::kernel::pci
