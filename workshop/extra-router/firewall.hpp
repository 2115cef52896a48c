// Rules about what may leave, one a line, the first that fits decides:
//
//   reject tcp to 192.0.2.0/24 port 25
//   drop udp
//   allow icmp from 10.9.1.7/32
//
// What no rule is about may leave. An empty line, or what is behind a #, says nothing.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aster/net/forwarding.hpp"

struct rule {
  aster::net::packet_hook::verdict says = aster::net::packet_hook::verdict::accept;
  std::optional<std::uint8_t> protocol;
  std::optional<aster::net::ipv4_interface> from, to;
  std::optional<std::uint16_t> port;  // of the destination

  bool fits(const aster::net::transit_packet& p) const;
};

class firewall {
 public:
  /// On failure: a line that says what is wrong, and where.
  static std::expected<firewall, std::string> parse(std::string_view text);

  aster::net::packet_hook::verdict about(const aster::net::transit_packet& p) const;
  std::size_t size() const { return rules_.size(); }

 private:
  std::vector<rule> rules_;
};
