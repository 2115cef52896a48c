#include "aster/net/routing.hpp"

namespace aster::net {

std::optional<routing::way> routing::find(ipv4_address destination, ipv4_address source) const {
  std::optional<ipv4_route> best;
  way result;
  for (interface* i : interfaces_) {
    if (!i->address() || (!source.is_unspecified() && i->address()->address != source)) continue;
    const auto route = i->route_to(destination);
    if (!route || (best && !route->is_better_than(*best))) continue;
    best = route;
    result = {i, route->gateway.value_or(destination)};
  }
  return best ? std::optional{result} : std::nullopt;
}

interface* routing::first_with_address() const {
  for (interface* i : interfaces_)
    if (i->address()) return i;
  return nullptr;
}

std::optional<ip_address> routing::source_for(const ip_address& to) const {
  if (to.is_v6()) {
    const interface* link = nullptr;
    if (const auto way = find(to.v6())) link = way->by;
    if (link == nullptr) return std::nullopt;
    const auto source = link->ipv6()->source_for(to.v6());
    return source ? std::optional<ip_address>{*source} : std::nullopt;
  }
  const ipv4_address destination = to.v4();
  interface* by = nullptr;
  if (const auto way = find(destination)) by = way->by;
  // What goes to everybody on a link has no route; to which link, the sender says by its address.
  if (by == nullptr && (destination.is_multicast() || destination.is_limited_broadcast()))
    by = first_with_address();
  return by != nullptr ? std::optional<ip_address>{by->address()->address} : std::nullopt;
}

interface* routing::owner(ipv4_address address) const {
  for (interface* i : interfaces_)
    if (i->address() && i->address()->address == address) return i;
  return nullptr;
}

std::optional<routing::way6> routing::find(const ipv6_address& destination) const {
  std::optional<way6> by_router;
  for (interface* i : interfaces_) {
    if (i->ipv6() == nullptr) continue;
    const autoconfiguration& state = i->ipv6()->state();
    if (destination.is_multicast() || state.is_on_link(destination)) return way6{i, destination};
    if (const auto router = state.router(); router && !by_router) by_router = way6{i, *router};
  }
  return by_router;
}

interface* routing::owner(const ipv6_address& address) const {
  for (interface* i : interfaces_)
    if (i->ipv6() != nullptr && i->ipv6()->state().owns(address)) return i;
  return nullptr;
}

packet_sink::result routing::send(packet& p, time_point now) {
  if (p.source.is_v6()) {
    if (interface* by = owner(p.source.v6())) return by->ipv6()->send(p, now);
    counts_.add(counter::ipv6_no_route);
    return result::no_route;
  }
  interface* by = owner(p.source.v4());
  if (is_router_ && by != nullptr)
    if (const auto way = find(p.destination.v4())) by = way->by;
  if (by != nullptr) return by->send(p, now);  // it counts when it knows no way
  counts_.add(counter::ipv4_no_route);
  return result::no_route;
}

}  // namespace aster::net
