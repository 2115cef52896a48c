// The frame that carries a UDP datagram over IPv4: what the switch itself says to its stations.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host/network/frame_view.hpp"

namespace aster::host {

struct datagram_end {
  hardware_address hardware{};
  std::uint32_t address = 0;  // host byte order
  std::uint16_t port = 0;
};

/// At most 1,472 bytes of datagram fit into a frame that every device takes; more is the caller's mistake.
std::vector<std::byte> datagram_frame(const datagram_end& from, const datagram_end& to,
                                      std::span<const std::byte> datagram);

}  // namespace aster::host
