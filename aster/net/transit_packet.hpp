// An IPv4 packet that passes through, as a filter or a NAT looks at it and changes it.
//
//   if (p.protocol() == wire::ipv4::tcp && p.destination().port == 22) return packet_hook::verdict::reject;
//   p.set_source({public_address, port});          // checksums follow
//
// It was checked before: headers are whole, and fragments were put together. TCP and UDP have ports; for ICMP
// echo the identifier stands for both. Changes are made in place, and checksums are mended by the difference
// (RFC 1624), so that what was damaged on the way stays visibly damaged.
#pragma once
#include <optional>
#include <string_view>

#include "aster/net/address.hpp"
#include "aster/net/wire/ipv4.hpp"
#include "aster/net/wire/tcp.hpp"

namespace aster::net {

/// An end of a conversation as it stands in an IPv4 packet.
struct ipv4_endpoint {
  ipv4_address address;
  std::uint16_t port = 0;  // or identifier of ICMP echo; 0: the protocol has none
  friend constexpr auto operator<=>(const ipv4_endpoint&, const ipv4_endpoint&) = default;
};

class transit_packet {
 public:
  /// `packet`: from the IP header on, parsed by wire::ipv4. `partial`: its transport's checksum is a pseudo
  /// header's sum that a device is to complete (virtio 1.2 §5.1.6.2). `from`: the interface by which it came.
  transit_packet(wire::mutable_bytes packet, bool partial, std::string_view from);

  std::string_view from() const { return from_; }
  /// The interface by which it will leave; empty before that is known.
  std::string_view to() const { return to_; }
  void set_to(std::string_view interface) { to_ = interface; }

  std::uint8_t protocol() const { return wire::load8(packet_, 9); }
  ipv4_endpoint source() const { return end_at(12, source_port_); }
  ipv4_endpoint destination() const { return end_at(16, destination_port_); }
  /// Whether it has ports, or an identifier: false for other protocols and when the header is cut short.
  bool has_ports() const { return source_port_ != 0; }
  /// Of TCP; all false for others.
  wire::tcp_flags flags() const;
  /// Whether it is an ICMP error, and quotes the packet that it is about.
  bool is_error() const { return quoted_ != 0; }
  bool is_echo_request() const;
  std::size_t size() const { return packet_.size(); }

  /// A port is changed only if the packet has one.
  void set_source(const ipv4_endpoint& end) { set_end(12, source_port_, end); }
  void set_destination(const ipv4_endpoint& end) { set_end(16, destination_port_, end); }

  // Of the packet that an error is about. Only when `is_error()`.
  std::uint8_t quoted_protocol() const { return wire::load8(packet_, quoted_ + 9); }
  ipv4_endpoint quoted_source() const { return end_at(quoted_ + 12, quoted_source_port_); }
  ipv4_endpoint quoted_destination() const { return end_at(quoted_ + 16, quoted_destination_port_); }
  void set_quoted_source(const ipv4_endpoint& end) { set_quoted(12, quoted_source_port_, end); }
  void set_quoted_destination(const ipv4_endpoint& end) { set_quoted(16, quoted_destination_port_, end); }

  wire::mutable_bytes bytes() const { return packet_; }

 private:
  ipv4_endpoint end_at(std::size_t address, std::size_t port) const;
  void set_end(std::size_t address, std::size_t port, const ipv4_endpoint& end);
  void set_quoted(std::size_t address, std::size_t port, const ipv4_endpoint& end);
  void put16(std::size_t at, std::uint16_t value, bool in_ip_header, bool in_pseudo_header);
  void mend(std::size_t checksum, std::uint16_t before, std::uint16_t after, bool is_sum);

  wire::mutable_bytes packet_;
  std::string_view from_, to_;
  bool partial_;
  // Offsets from the IP header on; 0: there is none.
  std::size_t source_port_ = 0, destination_port_ = 0;
  std::size_t checksum_ = 0;  // of the transport
  bool covers_addresses_ = false;
  std::size_t quoted_ = 0, quoted_source_port_ = 0, quoted_destination_port_ = 0;
};

}  // namespace aster::net
