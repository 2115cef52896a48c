// Ethernet II frames (RFC 894): 6 bytes destination, 6 bytes source, 2 bytes type, then the packet. The
// frame check sequence is the device's business.
#pragma once
#include <optional>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct ethernet {
  static constexpr std::size_t size = 14;
  static constexpr std::uint16_t type_ipv4 = 0x0800;
  static constexpr std::uint16_t type_arp = 0x0806;
  static constexpr std::uint16_t type_ipv6 = 0x86dd;

  mac_address destination;
  mac_address source;
  std::uint16_t type = 0;

  /// The header at the front of `frame`; the packet is what follows `size` bytes.
  static std::optional<ethernet> parse(bytes frame);
  /// Writes `size` bytes.
  void emit(mutable_bytes out) const;
  friend bool operator==(const ethernet&, const ethernet&) = default;
};

}  // namespace aster::net::wire
