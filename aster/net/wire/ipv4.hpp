// The IPv4 header (RFC 791). Parsing checks everything that the header says about itself; whether the
// packet is for us is the interface's question.
#pragma once
#include <expected>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct ipv4 {
  static constexpr std::size_t size = 20;  // of a header without options: the only kind we send
  static constexpr std::size_t size_with_alert = 24;
  static constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17;
  static constexpr std::uint8_t default_ttl = 64;
  // The last two bits of the traffic class (RFC 3168 §5).
  static constexpr std::uint8_t congestion_bits = 3, marks_understood = 2, congestion_experienced = 3;

  ipv4_address source;
  ipv4_address destination;
  std::uint8_t protocol = 0;
  std::uint8_t ttl = default_ttl;
  std::uint8_t traffic_class = 0;    // DSCP and ECN
  std::uint16_t identification = 0;  // means nothing while dont_fragment is set (RFC 6864)
  bool dont_fragment = true;
  bool more_fragments = false;
  std::uint16_t fragment_offset = 0;  // in bytes
  bool source_routed = false;         // parse: carries LSRR or SSRR
  std::uint16_t payload_size = 0;     // bytes after the header
  bool router_alert = false;          // emit: with that option (RFC 2113), `size_with_alert` bytes

  bool is_fragment() const { return more_fragments || fragment_offset != 0; }

  enum class fault { malformed, bad_checksum };
  struct parsed;

  /// The header at the front of `packet` and its payload, without any padding that the link added.
  static std::expected<parsed, fault> parse(bytes packet);

  /// Writes a header of `size` bytes with its checksum, or of `size_with_alert`. `payload_size` must be at
  /// most 65,515.
  void emit(mutable_bytes out) const;

  /// Makes the header of a first fragment, `header_size` bytes at the front of `packet`, that of the whole:
  /// length, no fragment, the marks of congestion, checksum. `packet` must be at most 65,535 bytes.
  static void made_whole(mutable_bytes packet, std::size_t header_size, std::uint8_t congestion);

  /// Takes one off the TTL, which must not be zero, and mends the checksum by the difference (RFC 1624).
  static void age(mutable_bytes packet);
  friend bool operator==(const ipv4&, const ipv4&) = default;
};

struct ipv4::parsed {
  ipv4 header;
  std::size_t header_size;  // options included
  bytes payload;
};

}  // namespace aster::net::wire
