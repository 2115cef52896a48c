// Neighbour discovery's messages (RFC 4861 §4): who has this address, who is a router, and what he says of
// the network. Each lies in an ICMPv6 message; that it came with a hop limit of 255, so from this link, is
// the caller's check.
#pragma once
#include <array>
#include <optional>
#include <string>

#include "aster/net/time.hpp"
#include "aster/net/wire/icmpv6.hpp"

namespace aster::net::wire {

struct neighbour_solicitation {
  ipv6_address target;
  std::optional<mac_address> source_mac{};
  std::optional<std::uint64_t> nonce{};  // 48 bits: tells our own from others' (RFC 7527)

  static constexpr std::size_t largest_size = 16 + 8 + 8;
  static std::optional<neighbour_solicitation> parse(const icmpv6& message);
  /// Writes what is the ICMPv6 message's payload; returns its size.
  std::size_t emit(mutable_bytes out) const;
  friend bool operator==(const neighbour_solicitation&, const neighbour_solicitation&) = default;
};

struct neighbour_advertisement {
  ipv6_address target;
  bool is_router = false;
  bool is_solicited = false;
  bool overrides = false;
  std::optional<mac_address> target_mac{};

  static constexpr std::size_t largest_size = 16 + 8;
  static std::optional<neighbour_advertisement> parse(const icmpv6& message);
  std::size_t emit(mutable_bytes out) const;
  std::uint32_t flags() const {  // the message's `rest`
    return (is_router ? 1u << 31 : 0) | (is_solicited ? 1u << 30 : 0) | (overrides ? 1u << 29 : 0);
  }
  friend bool operator==(const neighbour_advertisement&, const neighbour_advertisement&) = default;
};

struct router_advertisement {
  static constexpr std::size_t prefix_limit = 8, server_limit = 4,
                               domain_limit = 4;  // others are not looked at

  struct prefix {
    ipv6_address network;
    std::uint8_t length = 0;
    bool on_link = false;
    bool autonomous = false;                 // addresses may be made from it (RFC 4862)
    std::uint32_t valid = 0, preferred = 0;  // seconds; all ones: for ever
  };
  static constexpr std::uint32_t for_ever = 0xffffffff;

  std::uint8_t hop_limit = 0;  // 0: not said
  bool managed = false;        // addresses are to be had by DHCPv6
  bool other = false;          // other things are
  std::int8_t preference = 0;  // −1, 0, 1 (RFC 4191 §2.2)
  std::uint16_t lifetime = 0;  // seconds as a default router; 0: is none
  std::optional<mac_address> source_mac;
  std::uint32_t mtu = 0;  // 0: not said
  std::array<prefix, prefix_limit> prefixes{};
  std::size_t prefix_count = 0;
  std::array<ipv6_address, server_limit> servers{};  // of names (RFC 8106 §5.1)
  std::size_t server_count = 0;
  std::uint32_t server_lifetime = 0;
  std::array<std::string, domain_limit> domains;  // in which short names are looked for (RFC 8106 §5.2)
  std::size_t domain_count = 0;
  std::uint32_t domain_lifetime = 0;

  static std::optional<router_advertisement> parse(const icmpv6& message);
};

/// The options behind a router solicitation: nothing when malformed.
std::optional<std::optional<mac_address>> source_mac_of(bytes options);

}  // namespace aster::net::wire
