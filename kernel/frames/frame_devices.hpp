// All frame devices of this run: what the boot line attached, each made when it is first asked for.
#pragma once
#include <poll.h>

#include <array>
#include <optional>
#include <span>

#include "kernel/frames/frame_device.hpp"

namespace aster::kernel {

class frame_devices {
 public:
  /// From now on devices that are found use this ring; `ring.entries` of 0: none.
  void use(const abi::sandbox_ring& ring) noexcept {
    if (ring.entries != 0) ring_.emplace(ring);
  }

  /// The device that the boot line calls `name`; null when there is none.
  frame_device* find(const char* name) noexcept;

  /// Writes what each device waits for to the front of `watched`, which has room for `abi::device_limit`;
  /// returns how many.
  std::size_t watch(std::span<pollfd> watched) const noexcept;

  /// Passes on what a poll found in the entries that `watch` wrote.
  void polled(std::span<const pollfd> watched) noexcept;

 private:
  std::optional<frame_ring> ring_;
  std::array<std::optional<frame_device>, abi::device_limit> devices_;
};

/// The ones of this image.
frame_devices& attached_frames() noexcept;

}  // namespace aster::kernel
