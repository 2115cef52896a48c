// How a virtio device is reached: its registers, apart from what kind of device it is (virtio 1.2, §4).
//
// Used while a device is started, and once per batch for `notify`. The hot path of a driver works on rings in
// memory and never asks which transport it is on.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernel/virtio/environment.hpp"

namespace aster::kernel::virtio {

/// Device status (virtio 1.2, §2.1).
namespace device_status {
inline constexpr std::uint8_t acknowledge = 1;
inline constexpr std::uint8_t driver = 2;
inline constexpr std::uint8_t driver_ok = 4;
inline constexpr std::uint8_t features_ok = 8;
inline constexpr std::uint8_t needs_reset = 64;  // set by the device: it has given up
inline constexpr std::uint8_t failed = 128;
}  // namespace device_status

/// Feature bits that belong to no kind of device (virtio 1.2, §6).
namespace feature {
constexpr std::uint64_t bit(unsigned n) { return std::uint64_t{1} << n; }
inline constexpr std::uint64_t event_index = bit(29);
inline constexpr std::uint64_t version_1 = bit(32);
inline constexpr std::uint64_t access_platform = bit(33);
inline constexpr std::uint64_t order_platform = bit(36);
}  // namespace feature

/// Physical addresses of a queue's three parts.
struct queue_addresses {
  std::uint64_t descriptors;
  std::uint64_t available;
  std::uint64_t used;
};

class transport {
 public:
  virtual std::uint8_t status() noexcept = 0;
  virtual void set_status(std::uint8_t status) noexcept = 0;

  virtual std::uint64_t offered_features() noexcept = 0;
  virtual void accept_features(std::uint64_t features) noexcept = 0;

  /// A field of the device's configuration; 0 when the device has no such place. Multi-byte fields are
  /// aligned. Values may change while they are read: compare `configuration_generation` before and after.
  virtual std::uint8_t configuration8(std::size_t offset) noexcept = 0;
  virtual std::uint16_t configuration16(std::size_t offset) noexcept = 0;
  virtual std::uint32_t configuration_generation() noexcept = 0;

  /// Descriptors that queue `index` can have at most; 0 when there is no such queue.
  virtual std::uint16_t largest_queue(std::uint16_t index) noexcept = 0;

  /// Gives the device queue `index`, before driver_ok. Its interrupts are those of `connect_interrupt` if that
  /// was called before, else it has none. False: the device would not take it.
  [[nodiscard]] virtual bool enable_queue(std::uint16_t index, std::uint16_t size,
                                          const queue_addresses& at) noexcept = 0;

  /// Runs `handler` whenever a queue asks for an interrupt, after the transport has acknowledged it to the
  /// device. False: there is no interrupt to be had.
  [[nodiscard]] virtual bool connect_interrupt(interrupt_handler handler, void* argument) noexcept = 0;

  /// Tells the device to look at queue `index`. Costs an exit to the hypervisor.
  virtual void notify(std::uint16_t index) noexcept = 0;

 protected:
  ~transport() = default;
};

}  // namespace aster::kernel::virtio
