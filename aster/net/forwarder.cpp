#include "aster/net/forwarder.hpp"

namespace aster::net {

namespace {

// RFC 1812 §5.3.7, and 169.254.0.0/16, which no router passes on (RFC 3927 §7).
bool is_martian(ipv4_address a) { return !a.is_unicast() || (a.value >> 16) == 0xa9fe; }

}  // namespace

std::string_view forwarder::name_of(const interface& i) const {
  for (const named& n : names_)
    if (n.which == &i) return n.text;
  return {};
}

bool forwarder::takes(inbound& in, interface& by, time_point now) {
  if (in.to_all || !by.address() || in.header.source.is_unspecified()) return false;
  transit_packet p{in.packet, (in.device.flags & abi::net_header::needs_checksum) != 0, name_of(by)};
  if (options_.hook != nullptr) {
    switch (options_.hook->arriving(p, now)) {
      case packet_hook::verdict::accept: break;
      case packet_hook::verdict::drop: counts_.add(counter::forward_filtered); return true;
      case packet_hook::verdict::reject:
        counts_.add(counter::forward_filtered);
        refuse(in, by, wire::icmp::unreachable, wire::icmp::prohibited, 0, now);
        return true;
    }
  }
  in.header.source = p.source().address;
  in.header.destination = p.destination().address;
  if (routes_.owner(in.header.destination) != nullptr) return false;
  pass_on(in, p, by, now);
  return true;
}

void forwarder::pass_on(inbound& in, transit_packet& p, interface& by, time_point now) {
  const auto drop = [&](counter why) { counts_.add(why); };
  const wire::ipv4& h = in.header;
  if (is_martian(h.source) || is_martian(h.destination) || routes_.owner(h.source) != nullptr)
    return drop(counter::forward_martian);
  const auto back = routes_.find(h.source);
  if (options_.check_sources && (!back || back->by != &by)) return drop(counter::forward_source);
  if (h.ttl <= 1) {
    drop(counter::ipv4_ttl);
    return refuse(in, by, wire::icmp::time_exceeded, wire::icmp::hops_exceeded, 0, now);
  }
  const auto way = routes_.find(h.destination);
  if (!way) {
    drop(counter::ipv4_no_route);
    return refuse(in, by, wire::icmp::unreachable, wire::icmp::net_unreachable, 0, now);
  }
  interface& to = *way->by;
  if (to.address()->is_directed_broadcast(h.destination)) return drop(counter::forward_martian);
  const std::size_t largest =
      in.device.gso_type != abi::net_header::gso_none ? in.largest_segment() : in.packet.size();
  if (largest > to.mtu() && h.dont_fragment) {
    drop(counter::forward_too_large);
    return refuse(in, by, wire::icmp::unreachable, wire::icmp::fragmentation_needed, to.mtu(), now);
  }
  if (options_.hook != nullptr) {
    p.set_to(name_of(to));
    switch (options_.hook->leaving(p, now)) {
      case packet_hook::verdict::accept: break;
      case packet_hook::verdict::drop: return drop(counter::forward_filtered);
      case packet_hook::verdict::reject:
        drop(counter::forward_filtered);
        return refuse(in, by, wire::icmp::unreachable, wire::icmp::prohibited, 0, now);
    }
  }
  // The last router but one must not be told that the packet was younger (RFC 1812 §5.3.1).
  wire::ipv4::age(in.packet);
  if (to.forward(in, way->next_hop, now)) counts_.add(counter::forwarded);
}

// No error about an error, and none to somebody who is nobody (RFC 1812 §4.3.2.7).
void forwarder::refuse(const inbound& in, interface& by, std::uint8_t type, std::uint8_t code,
                       std::uint32_t rest, time_point now) {
  const bool about_icmp = in.header.protocol == wire::ipv4::icmp;
  if (about_icmp &&
      (in.payload.empty() || wire::icmp{.type = wire::load8(in.payload, 0), .payload = {}}.is_error()))
    return;
  if (is_martian(in.header.source) || by.address()->is_directed_broadcast(in.header.source)) return;
  icmp_.send_error(by.address()->address, in.header.source, {type, code, rest, in.packet}, now);
}

}  // namespace aster::net
