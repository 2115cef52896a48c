// A virtio device that is a PCI function: which kind it is, and in which of the function's memory regions its
// structures lie (virtio 1.2, §4.1). Usable before libc has relocated the image.
//
// The function's vendor capabilities say so. They are checked against the regions' real sizes; what does not
// fit does not exist.
#pragma once
#include <cstdint>
#include <optional>

#include "kernel/pci/function.hpp"

namespace aster::kernel::virtio {

/// The kind of virtio device that `f` is (virtio 1.2, §5), transitional or modern; 0: none.
std::uint32_t device_kind(const pci::function& f) noexcept;

struct pci_structures {
  enum class problem : std::uint8_t { none, legacy, bad_capabilities };
  problem what = problem::legacy;

  pci::region common;                 // long enough for every register of it
  pci::region notify;
  std::optional<pci::region> device;  // nothing when the device has no configuration
  std::uint32_t notify_multiplier = 0;

  /// Reads the capabilities of `f`. Regions that the firmware left without an address get one from `window`.
  static pci_structures find(const pci::function& f, pci::free_window& window) noexcept;

  /// Where the doorbell lies that the common configuration gives as `offset`; nothing when it is not inside `notify`.
  std::optional<std::uint64_t> doorbell(std::uint16_t offset) const noexcept;
};

}  // namespace aster::kernel::virtio
