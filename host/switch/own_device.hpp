// The switch's own place in the network as a device, so that a stack of ours stands there: what it sends goes
// through the same rules as every frame.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "abi/net_device.hpp"
#include "host/network/frame_view.hpp"

namespace aster::host {

class own_device final : public abi::net_device {
 public:
  static constexpr std::size_t queue_limit = 16u << 20;  // bytes that the stack has not taken yet

  explicit own_device(const hardware_address& mac);

  /// Takes a message that the stack has sent: its net_header and the frame in one piece. Called by `flush`;
  /// must not park.
  std::function<void(std::span<std::byte> message)> on_message;
  /// Called after those of one flush.
  std::function<void()> on_flushed;

  /// A message for the stack, which it takes before the program sleeps. Dropped (false) beyond `queue_limit`.
  bool deliver(std::span<const std::byte> message);

  const abi::net_info& info() const noexcept override { return info_; }
  std::size_t receive(std::span<abi::received_frame> out) noexcept override;
  void release(const abi::received_frame& frame) noexcept override;
  bool transmit(const abi::net_header& header,
                std::span<const std::span<const std::byte>> pieces) noexcept override;
  void flush() noexcept override;

 private:
  using message = std::vector<std::byte>;
  message blank(std::size_t size);

  abi::net_info info_;
  std::vector<message> arrived_;  // from `next_` on
  std::size_t next_ = 0;
  std::size_t arrived_bytes_ = 0;
  std::vector<message> held_;  // by the stack, at the place that `buffer` says
  std::vector<std::uint32_t> vacant_;
  std::vector<message> leaving_;
  std::vector<message> spare_;  // memory for the next ones
};

}  // namespace aster::host
