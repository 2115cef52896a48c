// A network device made of a descriptor that carries frames: a tap with a virtio-net header, or a datagram
// socket whose other end is a user-mode network. One read or write is one frame. Used where the image lives
// in a Linux process: in the sandbox and on its own.
#pragma once
#include <array>
#include <cstdint>

#include "abi/net_device.hpp"
#include "kernel/boot_options.hpp"

namespace aster::kernel {

class frame_device final : public abi::net_device {
 public:
  /// `option.descriptor` is open and non-blocking.
  explicit frame_device(const network_option& option) noexcept;

  const abi::net_info& info() const noexcept override { return info_; }
  std::size_t receive(std::span<abi::received_frame> out) noexcept override;
  void release(const abi::received_frame& frame) noexcept override;
  bool transmit(const abi::net_header& header,
                std::span<const std::span<const std::byte>> pieces) noexcept override;
  void flush() noexcept override {}

  int descriptor() const noexcept { return descriptor_; }
  /// What `ppoll` should look for: input unless every buffer is held; output when `transmit` met a full
  /// queue.
  short poll_events() const noexcept;
  void polled(short revents) noexcept;

 private:
  static constexpr std::size_t depth = 16;            // frames held by the receiver at once
  static constexpr std::size_t whole = 65536 + 64;    // a frame with receive offload
  static constexpr std::size_t lead = 64 - 14;        // before it, so that IP begins a line of the cache
  static constexpr std::size_t worth_joining = 2048;  // bytes

  long write_joined(const abi::net_header& header,
                    std::span<const std::span<const std::byte>> pieces) noexcept;
  long write_pieces(const abi::net_header& header,
                    std::span<const std::span<const std::byte>> pieces) noexcept;

  std::size_t buffer_size_;
  std::byte* buffers_;
  std::array<std::uint8_t, depth> free_{};
  std::size_t free_count_ = depth;
  bool full_ = false;
  bool readable_ = true;  // a poll said so, or nobody looked yet
  int descriptor_;
  abi::net_info info_;
};

}  // namespace aster::kernel
