// An IP packet on its way out: a transport header, and payload that stays where it is.
//
// Whoever makes one writes its transport header and names its payload; the interface puts the IP and
// Ethernet headers in front and hands header and payload to the device as pieces. Nothing is copied.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "aster/net/address.hpp"
#include "aster/net/time.hpp"
#include "aster/net/wire/byte_order.hpp"
#include "aster/net/wire/ethernet.hpp"
#include "aster/net/wire/ipv4.hpp"

namespace aster::net {

struct packet {
  static constexpr std::size_t headroom = wire::ethernet::size + 40;  // the longer header, of IPv6
  static constexpr std::size_t transport_limit = 60;                  // the largest TCP header
  static constexpr std::size_t piece_limit = 20;                      // of payload

  ip_address source;  // both of one family
  ip_address destination;
  std::uint8_t protocol = 0;
  std::uint8_t traffic_class = 0;
  std::uint8_t hop_limit = wire::ipv4::default_ttl;
  std::size_t transport_size = 0;
  std::size_t piece_count = 0;
  std::size_t payload_size = 0;
  /// Where in the transport header the checksum over pseudo header, header and payload belongs; nothing
  /// when the transport has filled in its own.
  std::optional<std::uint16_t> checksum_offset;
  /// TCP payload bytes a segment, when the device has to cut the packet; else 0.
  std::uint16_t segment_size = 0;
  /// Whether it may be larger than the link, and routers may cut it: then it leaves in fragments. Its
  /// checksum must be there (no `checksum_offset`).
  bool may_fragment = false;

  std::array<wire::bytes, piece_limit + 1> pieces;  // the first is for the headers
  std::array<std::byte, headroom + transport_limit> head;

  wire::mutable_bytes transport() { return std::span{head}.subspan(headroom); }
  std::span<wire::bytes> payload_room() { return std::span{pieces}.subspan(1); }
  std::span<const wire::bytes> payload() const { return std::span{pieces}.subspan(1, piece_count); }
};

/// Where packets go.
class packet_sink {
 public:
  enum class result {
    sent,      // with the device, or with the neighbour cache until the neighbour answers
    full,      // the device has no room now: try again later, nothing has happened
    no_route,  // will not work: no address of our own, or no way there
  };
  virtual result send(packet& p, time_point now) = 0;

 protected:
  ~packet_sink() = default;
};

}  // namespace aster::net
