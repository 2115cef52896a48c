// ARP for IPv4 over Ethernet (RFC 826): who has this address, and who says so.
#pragma once
#include <optional>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct arp {
  static constexpr std::size_t size = 28;
  enum class operation : std::uint16_t { request = 1, reply = 2 };

  operation op = operation::request;
  mac_address sender_mac;
  ipv4_address sender_ip;
  mac_address target_mac;
  ipv4_address target_ip;

  /// Nothing for other hardware or protocols, other operations, or a packet cut short. Padding behind the
  /// packet is ignored (Ethernet frames have a least length).
  static std::optional<arp> parse(bytes packet);
  /// Writes `size` bytes.
  void emit(mutable_bytes out) const;
  friend bool operator==(const arp&, const arp&) = default;
};

}  // namespace aster::net::wire
