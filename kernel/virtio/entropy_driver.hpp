// The virtio entropy device (virtio 1.2, §5.4): random bytes from the host, for machines whose processor has
// no RDRAND. Asked rarely and little (a seed), so it polls and needs no interrupt.
#pragma once
#include <cstddef>
#include <expected>
#include <span>

#include "kernel/virtio/bring_up.hpp"

namespace aster::kernel::virtio {

class entropy_driver {
 public:
  /// Both live as long as the driver. Nothing is touched before `start`.
  entropy_driver(transport& device, environment& env) noexcept : transport_(device), env_(env) {}

  std::expected<void, start_error> start() noexcept;

  /// Fills `out` with what the host calls random. False when the device gives nothing for `patience` looks at
  /// the ring, or breaks the protocol; then `out` must not be used.
  [[nodiscard]] bool fill(std::span<std::byte> out, unsigned patience = 100'000'000) noexcept;

 private:
  static constexpr std::uint32_t buffer_size = 256;

  transport& transport_;
  environment& env_;
  queue queue_;
  std::byte* buffer_ = nullptr;
};

}  // namespace aster::kernel::virtio
