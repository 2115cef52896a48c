// Addresses as the stack's callers see them: plain values in host byte order, comparable, printable.
//
//   auto address = net::ipv4_address::parse("10.0.0.2");          // nothing when malformed
//   net::endpoint server{net::ipv4_address{10, 0, 0, 2}, 80};
//   net::to_string(server);                                       // "10.0.0.2:80"
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

/// One end of a conversation.
struct endpoint {
  ipv4_address address;
  std::uint16_t port = 0;
  friend constexpr auto operator<=>(const endpoint&, const endpoint&) = default;
};

std::string to_string(mac_address);     // "52:54:00:12:34:56"
std::string to_string(ipv4_address);    // "10.0.0.2"
std::string to_string(ipv4_interface);  // "10.0.0.2/24"
std::string to_string(endpoint);        // "10.0.0.2:80"

}  // namespace aster::net
