#include "kernel/virtio/bring_up.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace aster::kernel::virtio {
const char* to_string(start_error error) noexcept {
  switch (error) {
    case start_error::no_reset: return "it does not come out of reset";
    case start_error::not_modern: return "it is a legacy device (no VIRTIO_F_VERSION_1)";
    case start_error::features_refused: return "it refuses features that it offered";
    case start_error::no_queue: return "it has no queue that can be used";
    case start_error::no_memory: return "there is no memory for its buffers";
    case start_error::no_interrupt: return "there is no interrupt for it";
    case start_error::bad_configuration: return "its configuration makes no sense";
  }
  return "unknown";
}

std::expected<unsigned, start_error> give_queue(transport& device, environment& env, queue& rings,
                                                std::uint16_t index, unsigned wanted,
                                                std::uint64_t features) noexcept {
  const unsigned largest = std::min<unsigned>(device.largest_queue(index), queue::largest_size);
  if (largest < 2 || wanted == 0) return std::unexpected(start_error::no_queue);
  const unsigned size = std::min(std::bit_ceil(std::max(wanted, 2u)), std::bit_floor(largest));
  const auto layout = queue_layout::of(size);
  auto* memory = static_cast<std::byte*>(env.allocate_dma(layout.bytes));
  if (memory == nullptr) return std::unexpected(start_error::no_memory);
  std::memset(memory, 0, layout.bytes);
  rings.attach(memory, size, (features & feature::event_index) != 0);
  const std::uint64_t at = env.physical_address(memory);
  if (!device.enable_queue(index, static_cast<std::uint16_t>(size),
                           {.descriptors = at, .available = at + layout.available, .used = at + layout.used}))
    return std::unexpected(start_error::no_queue);
  return std::min(wanted, size);
}

void let_run(transport& device) noexcept {
  device.set_status(agreed_status | device_status::driver_ok);
}

}  // namespace aster::kernel::virtio
