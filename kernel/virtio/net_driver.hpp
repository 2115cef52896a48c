// The virtio network device (virtio 1.2, §5.1) as an abi::net_device, on any transport.
//
//   net_driver nic{transport, env};
//   if (auto started = nic.start(net_buffers::for_memory(memory)); !started) refuse(to_string(started.error()));
//
// Frames wait in the device's rings, in memory; whoever polls finds them without an interrupt. An idle
// processor sleeps without losing one like this, with interrupts off from the first `arm` to `hlt`:
//
//   bool pending = false;
//   cli();
//   for (auto& nic : devices) pending |= nic.arm();     // "interrupt me from here on", then looks once more
//   if (!pending) sti_hlt(); else sti();
//   for (auto& nic : devices) nic.disarm();             // on every return, slept or not
//
// A device that breaks the protocol is from then on like one whose cable has been pulled: nothing arrives,
// what is sent is dropped, and one note says so.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>

#include "abi/net_device.hpp"
#include "kernel/virtio/bring_up.hpp"
#include "kernel/virtio/receive_ring.hpp"
#include "kernel/virtio/transmit_ring.hpp"
#include "kernel/virtio/transport.hpp"

namespace aster::kernel::virtio {

/// How much memory a network device gets.
struct net_buffers {
  unsigned receive = 256;             // buffers, up to queue::largest_size
  std::uint32_t receive_size = 2048;  // bytes each; grown when the device's MTU asks for more
  unsigned transmit = 256;            // a frame of 64 KiB must fit into all of them together
  std::uint32_t transmit_size = 4096;

  /// 1.5 MiB, or less on a machine with `memory` bytes of RAM so that at most an eighth goes into buffers;
  /// 256 KiB is the least.
  static constexpr net_buffers for_memory(std::uint64_t memory) {
    constexpr std::uint64_t mebibyte = 1 << 20;
    if (memory >= 16 * mebibyte) return {};
    if (memory >= 8 * mebibyte) return {.receive = 128, .transmit = 128, .transmit_size = 2048};
    return {.receive = 64, .transmit = 64, .transmit_size = 2048};
  }
};

/// What went past or was lost, since the start.
struct net_counters {
  std::uint64_t received = 0, sent = 0;            // frames
  std::uint64_t receive_dropped = 0;               // frames that made no sense
  std::uint64_t transmit_dropped = 0;              // frames larger than all buffers, or after a failure
  std::uint64_t transmit_full = 0;                 // refusals
  std::uint64_t notifications = 0, interrupts = 0;  // exits that frames have cost
};

class net_driver final : public abi::net_device {
 public:
  /// Both live as long as the driver. Nothing is touched before `start`.
  net_driver(transport& device, environment& env) noexcept : transport_(device), env_(env) {}
  net_driver(const net_driver&) = delete;
  net_driver& operator=(const net_driver&) = delete;

  /// Resets the device, agrees on features, gives it its queues and lets it run. Once.
  std::expected<void, start_error> start(const net_buffers& buffers) noexcept;

  const abi::net_info& info() const noexcept override { return info_; }
  std::size_t receive(std::span<abi::received_frame> out) noexcept override;
  void release(const abi::received_frame& frame) noexcept override;
  bool transmit(const abi::net_header& header,
                std::span<const std::span<const std::byte>> pieces) noexcept override;
  void flush() noexcept override;

  /// Whether `receive` would find something, or there is news for whoever was refused by `transmit`. Looks at
  /// memory only.
  bool has_work() const noexcept { return receive_.queue().has_used() || transmit_.has_news(); }

  /// Flushes, and asks for an interrupt from here on. True: there is work already, the caller must not sleep.
  [[nodiscard]] bool arm() noexcept;

  /// Asks for no more interrupts. To be called each time after a wait has ended, whether or not it slept: whoever
  /// was refused by `transmit` counts as told when there is room by then.
  void disarm() noexcept;

  /// What the device says of its cable. Costs exits. True when the device has no such thing; false when it has
  /// given up.
  bool link_is_up() noexcept;

  bool failed() const noexcept { return receive_.queue().failed() || transmit_.queue().failed(); }
  net_counters counters() const noexcept;

  /// What the boot line says beyond the device: `info().configuration` and an MTU below the device's own.
  /// `configuration` lives as long as the driver.
  void set_configuration(const char* configuration, std::uint16_t mtu = 0xffff) noexcept;

 private:
  std::expected<void, start_error> read_configuration() noexcept;
  std::expected<void, start_error> give_queues(const net_buffers& buffers) noexcept;
  void notify(std::uint16_t queue_index) noexcept;
  void report_failure() noexcept;

  transport& transport_;
  environment& env_;
  abi::net_info info_;
  std::uint64_t features_ = 0;
  receive_ring receive_;
  transmit_ring transmit_;
  net_counters counters_;
  volatile std::uint64_t interrupts_ = 0;  // the handler's
  bool reported_ = false;
};

}  // namespace aster::kernel::virtio
