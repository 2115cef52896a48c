// The IPv6 header and the extension headers behind it (RFC 8200). Parsing walks them to the transport, within
// limits, and checks everything that they say about themselves; whether the packet is for us is the
// interface's question.
#pragma once
#include <expected>
#include <optional>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct ipv6 {
  static constexpr std::size_t size = 40;  // of the header alone: the only kind we send, but for MLD
  static constexpr std::size_t extension_limit = 8;  // headers in one packet; nobody needs more
  static constexpr std::size_t option_limit = 16;    // in one header, padding not counted (RFC 8504 §5.3)
  static constexpr std::uint16_t least_mtu = 1280;   // every link takes that much (§5)
  // Next headers.
  static constexpr std::uint8_t hop_by_hop = 0, tcp = 6, udp = 17, routing = 43, fragment_header = 44,
                                icmp = 58, none = 59, destination_options = 60;

  ipv6_address source;
  ipv6_address destination;
  std::uint8_t protocol = none;  // parse: of the transport, behind all extension headers
  std::uint8_t hop_limit = 64;
  std::uint8_t traffic_class = 0;
  std::uint32_t flow_label = 0;    // 20 bits
  std::uint16_t payload_size = 0;  // bytes after the header, extension headers included

  /// What is wrong with a packet, and whether its sender is to hear of it: `code` and `pointer` are those of
  /// an ICMPv6 parameter problem (RFC 4443 §3.4).
  struct fault {
    bool tell = false;
    bool tell_even_group =
        false;  // although it was sent to many (§4.2, option types that begin with binary 10)
    std::uint8_t code = 0;
    std::uint32_t pointer = 0;
    friend bool operator==(const fault&, const fault&) = default;
  };
  struct fragment {
    std::uint32_t identification = 0;
    std::size_t offset = 0;  // in bytes
    bool more = false;
    std::size_t head_size = 0;  // of the headers in front of the fragment header, which each fragment carries
  };
  struct parsed;

  /// The headers at the front of `packet`. A fragment is walked no further than its fragment header, unless
  /// it is whole (RFC 6946). Routing headers that would have us forward are refused (RFC 5095).
  static std::expected<parsed, fault> parse(bytes packet);

  /// Whether `payload`, which begins with the header `protocol`, has all headers up to the transport's and
  /// that one: what the first fragment of a packet must have, so that filters can judge it (RFC 7112, §4.5).
  static bool has_all_headers(std::uint8_t protocol, bytes payload);

  /// Writes the header of `size` bytes; `protocol` is what follows.
  void emit(mutable_bytes out) const;
  friend bool operator==(const ipv6&, const ipv6&) = default;
};

struct ipv6::parsed {
  ipv6 header;
  std::size_t header_size = 0;  // in front of the payload
  std::size_t next_field = 6;   // where the byte lies that names the payload's protocol
  bytes payload;
  bool has_fragment_header = false;   // be the packet cut or whole
  std::optional<ipv6::fragment> cut;  // not the whole packet: `payload` is what it carries, `header.protocol`
                                      // what the fragment header names
};

}  // namespace aster::net::wire
