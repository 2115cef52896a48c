// IPv6 addresses (RFC 4291): sixteen bytes as they stand in the packet, comparable, printable.
//
//   auto address = net::ipv6_address::parse("2001:db8::1");   // nothing when malformed
//   net::ipv6_address router{0xfe80, 0, 0, 0, 0, 0, 0, 1};
//   net::to_string(router);                                   // "fe80::1"
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aster::net {

struct ipv6_address {
  std::array<std::uint8_t, 16> bytes{};

  constexpr ipv6_address() = default;
  constexpr explicit ipv6_address(const std::array<std::uint8_t, 16>& as_in_the_packet)
      : bytes(as_in_the_packet) {}
  /// Eight groups, as the text has them.
  constexpr ipv6_address(std::uint16_t a, std::uint16_t b, std::uint16_t c, std::uint16_t d, std::uint16_t e,
                         std::uint16_t f, std::uint16_t g, std::uint16_t h) {
    const std::array groups{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) {
      bytes[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
      bytes[2 * i + 1] = static_cast<std::uint8_t>(groups[i]);
    }
  }

  /// The forms of RFC 4291 §2.2: groups of one to four hexadecimal digits of either case, one "::", a dotted
  /// tail. No zone ("%eth0"): a machine's interfaces are not in the text of an address.
  static std::optional<ipv6_address> parse(std::string_view text);

  /// ff02::1 and ff02::2: everybody on the link, and its routers.
  static constexpr ipv6_address all_nodes() { return {0xff02, 0, 0, 0, 0, 0, 0, 1}; }
  static constexpr ipv6_address all_routers() { return {0xff02, 0, 0, 0, 0, 0, 0, 2}; }

  constexpr std::uint16_t group(std::size_t i) const {
    return static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  constexpr bool is_unspecified() const { return *this == ipv6_address{}; }
  constexpr bool is_loopback() const { return *this == ipv6_address{0, 0, 0, 0, 0, 0, 0, 1}; }
  constexpr bool is_multicast() const { return bytes[0] == 0xff; }
  /// Of a scope that no router forwards: this interface or this link.
  constexpr bool is_link_multicast() const { return is_multicast() && (bytes[1] & 15) <= 2; }
  constexpr bool is_link_local() const { return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80; }
  constexpr bool is_unique_local() const { return (bytes[0] & 0xfe) == 0xfc; }  // RFC 4193
  /// ::ffff:a.b.c.d: stands for an IPv4 address inside a program, and never in a packet (RFC 4291 §2.5.5.2).
  constexpr bool is_v4_mapped() const {
    for (std::size_t i = 0; i < 10; ++i)
      if (bytes[i] != 0) return false;
    return bytes[10] == 0xff && bytes[11] == 0xff;
  }
  /// Whether one host elsewhere can be meant.
  constexpr bool is_unicast() const {
    return !is_multicast() && !is_unspecified() && !is_loopback() && !is_v4_mapped();
  }
  /// The group in which the owner of this address hears those who look for it (RFC 4291 §2.7.1).
  constexpr ipv6_address solicited_node() const {
    ipv6_address group{0xff02, 0, 0, 0, 0, 1, 0xff00, 0};
    for (std::size_t i = 13; i < 16; ++i) group.bytes[i] = bytes[i];
    return group;
  }
  constexpr bool is_solicited_node() const { return is_multicast() && solicited_node() == *this; }
  /// How many leading bits two addresses have in common: 0–128.
  constexpr unsigned common_prefix(const ipv6_address& other) const {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 16; ++i) {
      const unsigned differing = bytes[i] ^ other.bytes[i];
      if (differing == 0) {
        bits += 8;
        continue;
      }
      for (unsigned bit = 0x80; (differing & bit) == 0; bit >>= 1) ++bits;
      break;
    }
    return bits;
  }
  /// The first `length` bits, the rest zero.
  constexpr ipv6_address prefix(unsigned length) const {
    ipv6_address cut;
    for (std::size_t i = 0; i < 16 && length > 0; ++i) {
      const unsigned here = length < 8 ? length : 8;
      cut.bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00u >> here));
      length -= here;
    }
    return cut;
  }
  friend constexpr auto operator<=>(const ipv6_address&, const ipv6_address&) = default;
};

/// An address together with the length of its network's prefix: "2001:db8::2/64".
struct ipv6_interface {
  ipv6_address address;
  std::uint8_t prefix = 0;  // 0–128

  static std::optional<ipv6_interface> parse(std::string_view text);

  constexpr bool contains(const ipv6_address& other) const { return address.common_prefix(other) >= prefix; }
  friend constexpr bool operator==(const ipv6_interface&, const ipv6_interface&) = default;
};

std::string to_string(const ipv6_address&);    // as RFC 5952 recommends: "2001:db8::1"
std::string to_string(const ipv6_interface&);  // "2001:db8::2/64"

}  // namespace aster::net
