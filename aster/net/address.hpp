// Addresses as the stack's callers see them: plain values in host byte order, comparable, printable.
//
//   auto address = net::ip_address::parse("2001:db8::2");         // of either family; nothing when malformed
//   net::endpoint server{net::ipv4_address{10, 0, 0, 2}, 80};
//   net::to_string(server);                                       // "10.0.0.2:80"
//
// What speaks to anybody speaks `ip_address`: it holds an address of either family, so that TCP, UDP and all
// above them are written once. What belongs to one family (ARP, DHCP, neighbour discovery) has its own type.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aster/net/ipv6_address.hpp"

namespace aster::net {

struct mac_address {
  std::array<std::uint8_t, 6> bytes{};

  /// Where packets to an IPv4 multicast group go (RFC 1112 §6.4).
  static constexpr mac_address of_group(std::uint32_t group) {
    return {{1, 0, 0x5e, static_cast<std::uint8_t>(group >> 16 & 0x7f), static_cast<std::uint8_t>(group >> 8),
             static_cast<std::uint8_t>(group)}};
  }
  static constexpr mac_address broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  constexpr bool is_broadcast() const { return *this == broadcast(); }
  constexpr bool is_multicast() const { return (bytes[0] & 1) != 0; }  // broadcast included
  constexpr bool is_zero() const { return *this == mac_address{}; }
  friend constexpr auto operator<=>(const mac_address&, const mac_address&) = default;
};

struct ipv4_address {
  std::uint32_t value = 0;  // host byte order: 10.0.0.2 is 0x0a000002

  constexpr ipv4_address() = default;
  constexpr explicit ipv4_address(std::uint32_t host_order) : value(host_order) {}
  constexpr ipv4_address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d)
      : value(std::uint32_t{a} << 24 | std::uint32_t{b} << 16 | std::uint32_t{c} << 8 | d) {}

  /// Dotted decimal, four parts, no leading zeros (RFC 6943 §3.1.1: other spellings are ambiguous).
  static std::optional<ipv4_address> parse(std::string_view text);

  static constexpr ipv4_address broadcast() { return ipv4_address{0xffffffffu}; }
  constexpr bool is_unspecified() const { return value == 0; }
  constexpr bool is_limited_broadcast() const { return value == 0xffffffffu; }
  constexpr bool is_multicast() const { return (value >> 28) == 0xe; }
  /// A group that no router forwards to other links: 224.0.0.0/24 (RFC 5771 §4).
  constexpr bool is_link_multicast() const { return (value >> 8) == 0xe00000; }
  constexpr bool is_loopback() const { return (value >> 24) == 127; }
  /// Whether one host can be meant: not 0.0.0.0/8, loopback, multicast, reserved or broadcast.
  constexpr bool is_unicast() const { return (value >> 24) != 0 && !is_loopback() && (value >> 28) < 0xe; }
  friend constexpr auto operator<=>(const ipv4_address&, const ipv4_address&) = default;
};

/// An address together with the length of its network's prefix: "10.0.0.2/24".
struct ipv4_interface {
  ipv4_address address;
  std::uint8_t prefix = 0;  // 0–32

  static std::optional<ipv4_interface> parse(std::string_view text);

  constexpr std::uint32_t mask() const { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }
  constexpr bool contains(ipv4_address other) const { return ((other.value ^ address.value) & mask()) == 0; }
  /// The directed broadcast address; a /31 or /32 has none (RFC 3021).
  constexpr bool is_directed_broadcast(ipv4_address other) const {
    return prefix < 31 && contains(other) && (other.value | mask()) == 0xffffffffu;
  }
  friend constexpr bool operator==(const ipv4_interface&, const ipv4_interface&) = default;
};

/// An address of either family: sixteen bytes, in which IPv4 lies as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2). Such
/// an address never arrives in an IPv6 packet (the interface drops it), so the two cannot be confused.
class ip_address {
 public:
  constexpr ip_address() = default;  // unspecified, of IPv6
  constexpr ip_address(ipv4_address a)
      : bytes_({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, static_cast<std::uint8_t>(a.value >> 24),
                static_cast<std::uint8_t>(a.value >> 16), static_cast<std::uint8_t>(a.value >> 8),
                static_cast<std::uint8_t>(a.value)}) {}
  constexpr ip_address(const ipv6_address& a) : bytes_(a.bytes) {}
  constexpr ip_address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d)
      : ip_address(ipv4_address{a, b, c, d}) {}

  /// What `ipv4_address` and `ipv6_address` read; "::ffff:10.0.0.1" is 10.0.0.1.
  static std::optional<ip_address> parse(std::string_view text);

  constexpr bool is_v4() const { return v6().is_v4_mapped(); }
  constexpr bool is_v6() const { return !is_v4(); }
  /// The address as one of its family. Of the other it means nothing.
  constexpr ipv4_address v4() const { return {bytes_[12], bytes_[13], bytes_[14], bytes_[15]}; }
  constexpr ipv6_address v6() const { return ipv6_address{bytes_}; }

  constexpr bool is_unspecified() const { return is_v4() ? v4().is_unspecified() : v6().is_unspecified(); }
  constexpr bool is_multicast() const { return is_v4() ? v4().is_multicast() : v6().is_multicast(); }
  constexpr bool is_link_multicast() const {
    return is_v4() ? v4().is_link_multicast() : v6().is_link_multicast();
  }
  constexpr bool is_loopback() const { return is_v4() ? v4().is_loopback() : v6().is_loopback(); }
  constexpr bool is_unicast() const { return is_v4() ? v4().is_unicast() : v6().is_unicast(); }

  /// The sixteen bytes.
  constexpr const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  friend constexpr auto operator<=>(const ip_address&, const ip_address&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// A network, or one host, of either family: "10.0.0.0/8", "2001:db8::/32", "10.0.0.1".
struct ip_prefix {
  ip_address address;
  std::uint8_t length = 0;  // 0–32 or 0–128, by the address's family

  constexpr ip_prefix() = default;
  constexpr ip_prefix(ip_address one) : address(one), length(one.is_v4() ? 32 : 128) {}
  constexpr ip_prefix(ipv4_address one) : ip_prefix(ip_address{one}) {}
  constexpr ip_prefix(const ipv6_address& one) : ip_prefix(ip_address{one}) {}
  constexpr ip_prefix(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d)
      : ip_prefix(ip_address{a, b, c, d}) {}
  constexpr ip_prefix(ip_address in, std::uint8_t bits) : address(in), length(bits) {}

  static std::optional<ip_prefix> parse(std::string_view text);

  constexpr bool contains(const ip_address& other) const {
    return address.is_v4() == other.is_v4() &&
           address.v6().common_prefix(other.v6()) >= length + (address.is_v4() ? 96u : 0u);
  }
  friend constexpr bool operator==(const ip_prefix&, const ip_prefix&) = default;
};

/// One end of a conversation.
struct endpoint {
  ip_address address;
  std::uint16_t port = 0;
  friend constexpr auto operator<=>(const endpoint&, const endpoint&) = default;
};

std::string to_string(mac_address);        // "52:54:00:12:34:56"
std::string to_string(ipv4_address);       // "10.0.0.2"
std::string to_string(ipv4_interface);     // "10.0.0.2/24"
std::string to_string(const ip_address&);  // "10.0.0.2" or "2001:db8::2"
std::string to_string(const ip_prefix&);   // "10.0.0.0/8"; one host: its address
std::string to_string(const endpoint&);    // "10.0.0.2:80" or "[2001:db8::2]:80"

}  // namespace aster::net
