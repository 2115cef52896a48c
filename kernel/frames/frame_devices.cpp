#include "kernel/frames/frame_devices.hpp"

#include <cstring>

#include "kernel/boot_options.hpp"

namespace aster::kernel {

frame_devices& attached_frames() noexcept {
  static constinit frame_devices one;
  return one;
}

frame_device* frame_devices::find(const char* name) noexcept {
  for (std::size_t i = 0; i < options().network_count; ++i) {
    if (std::strcmp(options().networks[i].name, name) != 0) continue;
    if (!devices_[i]) {
      const network_option& option = options().networks[i];
      devices_[i].emplace(option);
      if (ring_)
        devices_[i]->use(*ring_, static_cast<std::size_t>(option.descriptor - abi::first_device_descriptor));
    }
    return &*devices_[i];
  }
  return nullptr;
}

std::size_t frame_devices::watch(std::span<pollfd> watched) const noexcept {
  std::size_t count = 0;
  for (const auto& device : devices_) {
    if (device) watched[count++] = {device->descriptor(), device->poll_events(), 0};
  }
  return count;
}

void frame_devices::polled(std::span<const pollfd> watched) noexcept {
  std::size_t i = 0;
  for (auto& device : devices_) {
    if (device) device->polled(watched[i++].revents);
  }
}

}  // namespace aster::kernel
