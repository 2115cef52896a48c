// The text by which `aster run` configures a device: "ip=10.0.0.2/24,gateway=10.0.0.1,dns=10.0.0.3", and for
// IPv6 "ip6=2001:db8::2/64,gateway6=fe80::1,dns6=2001:db8::53", "ip6=auto" (as routers announce, the default)
// or "ip6=off".
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "aster/net/address.hpp"

namespace aster::net {

struct configuration {
  std::optional<ipv4_interface> address;  // nothing: DHCP
  std::optional<ipv4_address> gateway;
  std::optional<ipv4_address> dns;
  bool ipv6 = true;                          // whether that is spoken at all
  std::optional<ipv6_interface> address6{};  // nothing: as routers announce
  std::optional<ipv6_address> gateway6{};    // nothing: who announces itself
  std::optional<ipv6_address> dns6{};

  /// Empty text is an empty configuration. On failure: one line that names what is wrong.
  static std::expected<configuration, std::string> parse(std::string_view text);

  /// Nothing when it makes sense; else one line that says why not (a broadcast address, a gateway that is
  /// no neighbour).
  std::optional<std::string> fault() const;
};

}  // namespace aster::net
