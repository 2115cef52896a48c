#include "kernel/virtio/entropy_driver.hpp"

#include <algorithm>
#include <cstring>

namespace aster::kernel::virtio {

std::expected<void, start_error> entropy_driver::start() noexcept {
  auto result = agree(transport_, 0).and_then([&](std::uint64_t features) {
    return give_queue(transport_, env_, queue_, 0, 2, features);
  });
  if (!result) {
    transport_.set_status(device_status::failed);
    return std::unexpected(result.error());
  }
  buffer_ = static_cast<std::byte*>(env_.allocate_dma(buffer_size));
  if (buffer_ == nullptr) return std::unexpected(start_error::no_memory);
  queue_.disarm();
  let_run(transport_);
  return {};
}

bool entropy_driver::fill(std::span<std::byte> out, unsigned patience) noexcept {
  while (!out.empty()) {
    const auto wanted = static_cast<std::uint32_t>(std::min<std::size_t>(out.size(), buffer_size));
    if (queue_.in_flight() == 0) {  // else the device still has the buffer of a call that gave up
      queue_.describe(0, env_.physical_address(buffer_), wanted, descriptor_flag::device_writes);
      queue_.offer(0);
      if (queue_.publish()) transport_.notify(0);
    }
    auto done = queue_.take();
    for (; !done && !queue_.failed(); done = queue_.take()) {
      if (patience-- == 0) return false;
      __builtin_ia32_pause();
    }
    if (!done || done->length == 0 || done->length > buffer_size) return false;
    const std::size_t n = std::min<std::size_t>(done->length, wanted);
    std::memcpy(out.data(), buffer_, n);
    std::memset(buffer_, 0, buffer_size);  // nobody reads the seed here later
    out = out.subspan(n);
  }
  return true;
}

}  // namespace aster::kernel::virtio
