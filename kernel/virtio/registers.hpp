// Where the registers of a virtio device lie, behind a page of its own and behind a PCI function.
#pragma once
#include <cstddef>
#include <cstdint>

namespace aster::kernel::virtio {

/// All 32 bits wide (virtio 1.2, §4.2.2).
namespace mmio_register {
enum : std::size_t {
  magic_value = 0x000,
  version = 0x004,
  device_id = 0x008,
  device_features = 0x010,
  device_features_select = 0x014,
  driver_features = 0x020,
  driver_features_select = 0x024,
  queue_select = 0x030,
  queue_size_max = 0x034,
  queue_size = 0x038,
  queue_ready = 0x044,
  queue_notify = 0x050,
  interrupt_acknowledge = 0x064,
  device_status = 0x070,
  queue_descriptors = 0x080,
  queue_driver = 0x090,
  queue_device = 0x0a0,
  config_generation = 0x0fc,
  config = 0x100,
};
}

inline std::uint32_t read_mmio_register(const volatile void* registers, std::size_t offset) noexcept {
  return *reinterpret_cast<const volatile std::uint32_t*>(static_cast<const volatile std::byte*>(registers) + offset);
}

/// The common configuration of a function (virtio 1.2, §4.1.4.3); each as wide as it says there.
namespace pci_register {
enum : std::size_t {
  device_feature_select = 0x00,
  device_feature = 0x04,
  driver_feature_select = 0x08,
  driver_feature = 0x0c,
  config_msix_vector = 0x10,
  device_status = 0x14,
  config_generation = 0x15,
  queue_select = 0x16,
  queue_size = 0x18,
  queue_msix_vector = 0x1a,
  queue_enable = 0x1c,
  queue_notify_offset = 0x1e,
  queue_descriptors = 0x20,
  queue_driver = 0x28,
  queue_device = 0x30,
  bytes = 0x38,
};
}

}  // namespace aster::kernel::virtio
