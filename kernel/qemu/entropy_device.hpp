// The virtio entropy device of a machine whose processor has no random number generator.
//
// It is asked where things shall lie before they lie there: at physical addresses, before libc has relocated
// the image. So the transports of kernel/virtio, which are virtual, cannot serve it; this one polls, and takes
// the few registers that polling takes. The driver itself is kernel/virtio/entropy_driver.hpp.
#pragma once
#include <cstddef>

namespace aster::kernel {

enum class entropy_device_state : unsigned char {
  ready,
  absent,
  legacy_mmio,  // QEMU's virtio-mmio without force-legacy=false
  legacy_pci,   // QEMU's virtio-pci with disable-modern=on
  broken,       // does not start, or its registers are not where it says
};

/// Finds the machine's first one, maps its registers and starts it. Again after the image or its registers have
/// moved, since driver and device know each other by address.
entropy_device_state start_entropy_device() noexcept;

/// Fills [data, data+size) with what the host calls random. False when a started device does not answer for
/// some seconds, or not as it should.
[[nodiscard]] bool ask_entropy_device(void* data, std::size_t size) noexcept;

}  // namespace aster::kernel
