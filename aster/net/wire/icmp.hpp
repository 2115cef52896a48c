// ICMP (RFC 792): echo, and the errors that routers and hosts send about a packet of ours.
#pragma once
#include <expected>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct icmp {
  static constexpr std::size_t size = 8;
  static constexpr std::uint8_t echo_reply = 0, unreachable = 3, echo_request = 8, time_exceeded = 11,
                                parameter_problem = 12;
  // codes of `unreachable`
  static constexpr std::uint8_t net_unreachable = 0, host_unreachable = 1, protocol_unreachable = 2,
                                port_unreachable = 3, fragmentation_needed = 4, prohibited = 13;

  // codes of `time_exceeded`
  static constexpr std::uint8_t hops_exceeded = 0, reassembly_exceeded = 1;

  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t rest = 0;  // echo: identifier and sequence number; fragmentation needed: next hop's MTU
  bytes payload;           // echo: data; errors: the packet that they are about, from its IP header on

  bool is_error() const {
    return type == unreachable || type == time_exceeded || type == parameter_problem || type == 4 ||
           type == 5;
  }

  enum class fault { malformed, bad_checksum };
  static std::expected<icmp, fault> parse(bytes message);

  /// Writes `size` bytes: the header of this message, its checksum taken over `payload` too.
  void emit(mutable_bytes out) const;
};

}  // namespace aster::net::wire
