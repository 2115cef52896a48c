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

/// Resets the device and agrees on those of `wanted` that it offers, and on what every modern device is asked
/// for besides. Returns all that was agreed on.
std::expected<std::uint64_t, start_error> agree(transport& device, std::uint64_t wanted) noexcept;

/// Attaches `rings` to new memory and gives it to the device as queue `index`, with a power of two of
/// descriptors: as many as `wanted` needs, or fewer when the device has no more. Returns how many of the wanted
/// ones there are.
std::expected<unsigned, start_error> give_queue(transport& device, environment& env, queue& rings,
                                                std::uint16_t index, unsigned wanted,
                                                std::uint64_t features) noexcept;

/// From here on the device may be notified.
void let_run(transport& device) noexcept;

}  // namespace aster::kernel::virtio
