// The part of starting a device that is the same for every kind of it (virtio 1.2, §3.1.1).
//
//   auto features = agree(device, feature::event_index | my_features);   // reset … FEATURES_OK
//   auto size = give_queue(device, env, my_queue, 0, 64, *features);     // once per queue
//   let_run(device);                                                     // DRIVER_OK
#pragma once
#include <cstdint>
#include <expected>

#include "kernel/virtio/queue.hpp"
#include "kernel/virtio/transport.hpp"

namespace aster::kernel::virtio {

enum class start_error : std::uint8_t {
  no_reset,          // does not come out of reset
  not_modern,        // does not offer VIRTIO_F_VERSION_1
  features_refused,  // does not take a subset of what it offered
  no_queue,          // has no queue that is needed, or would not take ours
  no_memory,
  no_interrupt,
  bad_configuration,  // an MTU or address that cannot be
};

/// A clause that follows "the network device …: ".
const char* to_string(start_error error) noexcept;

inline constexpr std::uint8_t agreed_status =
    device_status::acknowledge | device_status::driver | device_status::features_ok;

/// Resets the device and agrees on those of `wanted` that it offers, and on what every modern device is asked
/// for besides. Returns all that was agreed on. `Transport` is `transport`, or has its functions without being
/// virtual, for code that runs before libc has relocated the image.
template <class Transport>
std::expected<std::uint64_t, start_error> agree(Transport& device, std::uint64_t wanted) noexcept {
  constexpr int reset_patience = 1'000'000;  // register reads
  device.set_status(0);
  for (int i = 0; device.status() != 0; ++i)
    if (i == reset_patience) return std::unexpected(start_error::no_reset);
  device.set_status(device_status::acknowledge);
  device.set_status(device_status::acknowledge | device_status::driver);

  // Platform access and order: our addresses are physical ones and our barriers real ones, so both are kept.
  wanted |= feature::version_1 | feature::access_platform | feature::order_platform;
  const std::uint64_t features = device.offered_features() & wanted;
  if ((features & feature::version_1) == 0) return std::unexpected(start_error::not_modern);
  device.accept_features(features);
  device.set_status(agreed_status);
  if ((device.status() & device_status::features_ok) == 0) return std::unexpected(start_error::features_refused);
  return features;
}

/// Attaches `rings` to new memory and gives it to the device as queue `index`, with a power of two of
/// descriptors: as many as `wanted` needs, or fewer when the device has no more. Returns how many of the wanted
/// ones there are.
std::expected<unsigned, start_error> give_queue(transport& device, environment& env, queue& rings,
                                                std::uint16_t index, unsigned wanted,
                                                std::uint64_t features) noexcept;

/// From here on the device may be notified.
void let_run(transport& device) noexcept;

}  // namespace aster::kernel::virtio
