// The receiving half of a network device: a queue whose descriptor i always names buffer i.
//
// All buffers are posted at the start. A frame that arrives is handed out in the buffer that it lies in;
// `release` posts the buffer again. Nothing is copied and nothing allocated; a descriptor is written once.
//
// What the device says of a frame is checked here, so that a `received_frame` is always within its buffer and
// a checksum it asks for within the frame. What makes no sense is dropped and counted.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "abi/net_device.hpp"
#include "kernel/virtio/queue.hpp"

namespace aster::kernel::virtio {

template <class Shared>
class basic_receive_ring {
 public:
  static constexpr std::size_t header_size = sizeof(abi::net_header);
  static constexpr std::size_t ethernet_header = 14;

  /// Posts `count` buffers (at most the queue's size) of `buffer_size` bytes each, which follow one another
  /// at `buffers` and, for the device, at `physical`. `checksums`: VIRTIO_NET_F_GUEST_CSUM is negotiated.
  /// The queue is attached; `publish` makes the buffers visible.
  void attach(std::byte* buffers, std::uint64_t physical, unsigned count, std::uint32_t buffer_size,
              bool checksums) noexcept {
    buffers_ = buffers;
    count_ = count;
    buffer_size_ = buffer_size;
    checksums_ = checksums;
    for (std::uint16_t i = 0; i < count; ++i) {
      queue_.describe(i, physical + std::uint64_t{i} * buffer_size, buffer_size, descriptor_flag::device_writes);
      queue_.offer(i);
    }
    queue_.disarm();
  }

  basic_queue<Shared>& queue() noexcept { return queue_; }
  const basic_queue<Shared>& queue() const noexcept { return queue_; }
  std::uint64_t dropped() const noexcept { return dropped_; }

  /// See net_device::receive.
  std::size_t receive(std::span<abi::received_frame> out) noexcept {
    std::size_t n = 0;
    while (n < out.size()) {
      const auto done = queue_.take();
      if (!done) break;
      if (accept(*done, out[n])) {
        ++n;
      } else {
        ++dropped_;
        queue_.offer(done->head);
      }
    }
    return n;
  }

  /// Takes a buffer back that `receive` handed out.
  void release(std::uint32_t buffer) noexcept {
    if (buffer >= count_ || queue_.in_flight(static_cast<std::uint16_t>(buffer))) __builtin_trap();
    queue_.offer(static_cast<std::uint16_t>(buffer));
  }

  /// Shows the device the buffers released since the last call; whether it must be notified.
  [[nodiscard]] bool publish() noexcept { return queue_.publish(); }

 private:
  bool accept(const typename basic_queue<Shared>::completion& done, abi::received_frame& out) const noexcept {
    if (done.head >= count_ || done.length < header_size + ethernet_header || done.length > buffer_size_) return false;
    std::byte* buffer = buffers_ + std::size_t{done.head} * buffer_size_;
    const std::size_t length = done.length - header_size;
    std::memcpy(&out.header, buffer, header_size);
    if (out.header.gso_type != abi::net_header::gso_none) return false;  // not negotiated
    if (!checksums_) out.header.flags = 0;
    if ((out.header.flags & abi::net_header::needs_checksum) != 0 &&
        std::size_t{out.header.checksum_start} + out.header.checksum_offset + 2 > length)
      return false;
    out.frame = {buffer + header_size, length};
    out.buffer = done.head;
    return true;
  }

  basic_queue<Shared> queue_;
  std::byte* buffers_ = nullptr;
  unsigned count_ = 0;
  std::uint32_t buffer_size_ = 0;
  bool checksums_ = false;
  std::uint64_t dropped_ = 0;
};

using receive_ring = basic_receive_ring<direct_memory>;

}  // namespace aster::kernel::virtio
