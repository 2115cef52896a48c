// UDP (RFC 768): ports, a length and a checksum.
#pragma once
#include <expected>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct udp {
  static constexpr std::size_t size = 8;

  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  bytes payload;

  enum class fault { malformed, bad_checksum };

  /// `verify` false: the device has checked the sum, or has yet to fill it in. Over IPv6 there must be one
  /// (RFC 8200 §8.1).
  static std::expected<udp, fault> parse(bytes packet, const ip_address& source,
                                         const ip_address& destination, bool verify = true);

  /// Writes `size` bytes: the header, its checksum taken over `payload` too. The payload must be at most
  /// 65,507 bytes.
  void emit(mutable_bytes out, const ip_address& source, const ip_address& destination) const;
};

}  // namespace aster::net::wire
