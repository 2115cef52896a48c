// The virtio entropy device (virtio 1.2, §5.4): random bytes from the host, for machines whose processor has
// no RDRAND. Asked rarely and little, so it polls and needs no interrupt.
//
// Asked for the first time before libc has relocated the image, so nothing here is virtual: `Transport` is a
// class with the functions of `transport` that starting a device and notifying it take (transport.hpp).
//
//   static entropy_memory memory;
//   entropy_driver<my_transport> driver;
//   if (driver.start(device, memory, physical_address_of(memory)) && driver.fill(seed, wait)) …
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <span>

#include "kernel/virtio/bring_up.hpp"
#include "kernel/virtio/queue.hpp"

namespace aster::kernel::virtio {

/// What driver and device share. Lies in one page, so that it is contiguous wherever it lies.
struct alignas(1024) entropy_memory {
  static constexpr unsigned queue_size = 2;
  static constexpr std::uint32_t buffer_size = 256;
  alignas(16) std::byte rings[queue_layout::of(queue_size).bytes];
  std::byte buffer[buffer_size];
};
static_assert(sizeof(entropy_memory) == 1024);

/// `Memory` is how the rings are touched (shared_memory.hpp). For code that runs early it is a type of its own, so that
/// the linker does not put the copy of queue's code there that other drivers use, which is compiled for later.
template <class Transport, class Memory = direct_memory>
class entropy_driver {
 public:
  /// Resets the device and makes it ready for `fill`. `device` and `memory`, which the device finds at `physical`, live
  /// as long as this.
  std::expected<void, start_error> start(Transport& device, entropy_memory& memory, std::uint64_t physical) noexcept {
    device_ = &device;
    memory_ = &memory;
    physical_ = physical;
    const auto features = agree(device, 0);
    if (!features) return fail(features.error());
    if (device.largest_queue(0) < entropy_memory::queue_size) return fail(start_error::no_queue);
    std::memset(memory.rings, 0, sizeof memory.rings);
    queue_.attach(memory.rings, entropy_memory::queue_size, false);
    queue_.disarm();
    constexpr auto layout = queue_layout::of(entropy_memory::queue_size);
    if (!device.enable_queue(0, entropy_memory::queue_size,
                             {physical, physical + layout.available, physical + layout.used}))
      return fail(start_error::no_queue);
    device.set_status(agreed_status | device_status::driver_ok);
    return {};
  }

  /// Fills `out` with what the host calls random, in as many pieces as it likes to give. `wait` is called between two
  /// looks at the ring and says whether to look again. False when it says no, or when the device breaks the protocol;
  /// then `out` must not be used.
  template <class Wait>
  [[nodiscard]] bool fill(std::span<std::byte> out, Wait&& wait) noexcept {
    std::byte* const buffer = memory_->buffer;
    while (!out.empty()) {
      const auto wanted = static_cast<std::uint32_t>(
          out.size() < entropy_memory::buffer_size ? out.size() : entropy_memory::buffer_size);
      if (queue_.in_flight() == 0) {  // else the device still has the buffer of a call that gave up
        queue_.describe(0, physical_ + offsetof(entropy_memory, buffer), wanted, descriptor_flag::device_writes);
        queue_.offer(0);
        if (queue_.publish()) device_->notify(0);
        offered_ = wanted;
      }
      auto done = queue_.take();
      for (; !done && !queue_.failed(); done = queue_.take()) {
        if (!wait()) return false;
      }
      if (!done || done->length == 0 || done->length > offered_) return false;
      const std::size_t n = done->length < wanted ? done->length : wanted;
      std::memcpy(out.data(), buffer, n);
      std::memset(buffer, 0, entropy_memory::buffer_size);  // nobody reads it here later
      out = out.subspan(n);
    }
    return true;
  }

 private:
  std::unexpected<start_error> fail(start_error why) noexcept {
    device_->set_status(device_status::failed);
    return std::unexpected(why);
  }

  Transport* device_ = nullptr;
  entropy_memory* memory_ = nullptr;
  std::uint64_t physical_ = 0;
  std::uint32_t offered_ = 0;  // bytes of the buffer that the device has
  basic_queue<Memory> queue_;
};

}  // namespace aster::kernel::virtio
