// A network device made of a descriptor that carries frames: a tap with a virtio-net header, or a datagram
// socket whose other end is a user-mode network. One read or write is one frame. Used where the image lives
// in a Linux process: in the sandbox and on its own.
//
// With a ring (frame_ring), frames that are written between two flushes cross in one system call, and so do
// those that arrive, as soon as several are to be expected.
#pragma once
#include <array>
#include <cstdint>

#include "abi/net_device.hpp"
#include "kernel/boot_options.hpp"
#include "kernel/frames/ring.hpp"

namespace aster::kernel {

class frame_device final : public abi::net_device {
 public:
  /// `option.descriptor` is open and non-blocking.
  explicit frame_device(const network_option& option) noexcept;

  /// From now on by `ring`, in which this device has number `index`. The ring outlives the device.
  void use(frame_ring& ring, std::size_t index) noexcept {
    ring_ = &ring;
    index_ = index;
  }

  const abi::net_info& info() const noexcept override { return info_; }
  std::size_t receive(std::span<abi::received_frame> out) noexcept override;
  void release(const abi::received_frame& frame) noexcept override;
  bool transmit(const abi::net_header& header,
                std::span<const std::span<const std::byte>> pieces) noexcept override;
  void flush() noexcept override { static_cast<void>(write_queued()); }

  /// For `ppoll`; -1 once the other end is gone, which a poll would find each time, and never sleep.
  int descriptor() const noexcept { return gone_ ? -1 : descriptor_; }
  /// What `ppoll` should look for: input unless every buffer is held; output when `transmit` met a full
  /// queue.
  short poll_events() const noexcept;
  void polled(short revents) noexcept;

 private:
  static constexpr std::size_t depth = 16;            // frames held by the receiver at once
  static constexpr std::size_t whole = 65536 + 64;    // a frame with receive offload
  static constexpr std::size_t lead = 64 - 14;        // before it, so that IP begins a line of the cache
  static constexpr std::size_t worth_joining = 2048;  // bytes, header included
  static constexpr std::size_t queue_limit = 32;      // frames that wait for a flush

  std::size_t receive_one(abi::received_frame& out) noexcept;
  std::size_t receive_several(std::span<abi::received_frame> out) noexcept;
  bool take(std::uint8_t index, long got, abi::received_frame& out) noexcept;
  std::span<std::byte> memory(std::uint8_t index) noexcept;
  std::byte* joined(std::size_t place) noexcept;
  std::size_t join(std::size_t place, const abi::net_header& header,
                   std::span<const std::span<const std::byte>> pieces) noexcept;
  long write_pieces(const abi::net_header& header,
                    std::span<const std::span<const std::byte>> pieces) noexcept;
  long write_joined(std::size_t place, std::size_t size) noexcept;
  bool taken(long result) noexcept;
  bool write_queued() noexcept;

  std::size_t buffer_size_;
  std::byte* buffers_;  // `depth` of them, and then room for joined frames
  std::array<std::uint8_t, depth> free_{};
  std::size_t free_count_ = depth;
  std::array<std::uint16_t, queue_limit> queued_{};  // sizes
  std::size_t queued_count_ = 0;
  std::size_t expected_ = 1;  // frames that have probably arrived
  bool full_ = false;
  bool readable_ = true;  // a poll said so, or nobody looked yet
  bool closed_ = false;   // a poll said that the other end is closed
  bool gone_ = false;     // … and what it had sent is read
  int descriptor_;
  frame_ring* ring_ = nullptr;
  std::size_t index_ = 0;
  abi::net_info info_;
};

}  // namespace aster::kernel
