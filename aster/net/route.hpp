// A way to a network: through a gateway, or on the link itself.
#pragma once
#include <cstdint>
#include <optional>

#include "aster/net/address.hpp"

namespace aster::net {

struct ipv4_route {
  ipv4_interface network{};               // 0.0.0.0/0: everything
  std::optional<ipv4_address> gateway{};  // nothing: who is there is a neighbour
  std::uint32_t metric = 0;               // among equally long prefixes the lowest wins

  bool is_better_than(const ipv4_route& other) const {
    return network.prefix != other.network.prefix ? network.prefix > other.network.prefix
                                                  : metric < other.metric;
  }
  friend bool operator==(const ipv4_route&, const ipv4_route&) = default;
};

}  // namespace aster::net
