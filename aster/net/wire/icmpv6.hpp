// ICMPv6 (RFC 4443): echo, errors about packets of ours, and the carrier of neighbour discovery (ndp.hpp).
#pragma once
#include <expected>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct icmpv6 {
  static constexpr std::size_t size = 8;
  static constexpr std::uint8_t unreachable = 1, packet_too_big = 2, time_exceeded = 3, parameter_problem = 4,
                                echo_request = 128, echo_reply = 129, listener_query = 130,
                                router_solicitation = 133, router_advertisement = 134,
                                neighbour_solicitation = 135, neighbour_advertisement = 136, redirect = 137,
                                listener_report = 143;
  // codes of `unreachable`, `parameter_problem` and `time_exceeded`
  static constexpr std::uint8_t no_route = 0, prohibited = 1, address_unreachable = 3, port_unreachable = 4,
                                unknown_next_header = 1, incomplete_header_chain = 3, reassembly_exceeded = 1;

  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t rest = 0;  // echo: identifier and sequence number; errors: MTU or pointer
  bytes payload;           // errors: the packet that they are about, from its IP header on

  bool is_error() const { return type < 128; }

  enum class fault { malformed, bad_checksum };
  static std::expected<icmpv6, fault> parse(bytes message, const ipv6_address& source,
                                            const ipv6_address& destination, bool verify = true);

  /// Writes `size` bytes: the header of this message, its checksum taken over `payload` too.
  void emit(mutable_bytes out, const ipv6_address& source, const ipv6_address& destination) const;
};

}  // namespace aster::net::wire
