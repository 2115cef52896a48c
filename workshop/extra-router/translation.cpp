#include "translation.hpp"

#include <algorithm>
#include <chrono>

using namespace aster::net;
using namespace std::chrono_literals;

namespace {

// How long a mapping stays that nobody uses.
duration lifetime(std::uint8_t protocol, bool is_open) {
  switch (protocol) {
    case wire::ipv4::tcp: return is_open ? duration{2h + 4min} : duration{4min};  // RFC 5382 REQ-5
    case wire::ipv4::udp: return 5min;                                            // RFC 4787 REQ-5
    default: return 60s;                                                          // RFC 5508 REQ-2
  }
}

}  // namespace

void translation::forget(std::uint8_t protocol, std::uint16_t port) {
  const auto it = by_port_.find({protocol, port});
  const auto owner = of_host_.find(it->second.host.address);
  if (--owner->second == 0) of_host_.erase(owner);
  by_host_.erase({protocol, it->second.host});
  by_port_.erase(it);
}

void translation::forget_old(time_point now) {
  if (now < look_again_) return;
  look_again_ = now + 1s;
  std::vector<port_key> old;
  for (const auto& [key, m] : by_port_)
    if (m.until <= now) old.push_back(key);
  for (const auto& [protocol, port] : old) forget(protocol, port);
}

translation::mapping* translation::at_port(std::uint8_t protocol, std::uint16_t port, time_point now) {
  const auto it = by_port_.find({protocol, port});
  return it != by_port_.end() && it->second.until > now ? &it->second : nullptr;
}

translation::mapping* translation::find(std::uint8_t protocol, const ipv4_endpoint& host, time_point now) {
  const auto it = by_host_.find({protocol, host});
  return it != by_host_.end() ? at_port(protocol, it->second, now) : nullptr;
}

translation::mapping* translation::make(std::uint8_t protocol, const ipv4_endpoint& host, time_point now) {
  if (const auto old = by_host_.find({protocol, host}); old != by_host_.end()) forget(protocol, old->second);
  if (by_port_.size() >= mapping_limit) forget_old(now);
  if (by_port_.size() >= mapping_limit || of_host_[host.address] >= mappings_of_host) return nullptr;
  // A port that nobody can foresee (RFC 6056); some tries, as few are taken.
  for (int tries = 0; tries < 100; ++tries) {
    const auto port = static_cast<std::uint16_t>(first_port + random_() % (last_port - first_port + 1));
    if (at_port(protocol, port, now) != nullptr) continue;
    if (by_port_.contains({protocol, port})) forget(protocol, port);  // an old one
    ++of_host_[host.address];
    by_host_[{protocol, host}] = port;
    return &by_port_
                .emplace(port_key{protocol, port},
                         mapping{host, port, now + lifetime(protocol, false), false, {}})
                .first->second;
  }
  return nullptr;
}

void translation::allow(mapping& m, ipv4_address who, time_point now) {
  auto it = std::ranges::find(m.peers, who, &peer::address);
  if (it == m.peers.end()) {
    if (m.peers.size() >= peer_limit) m.peers.erase(std::ranges::min_element(m.peers, {}, &peer::heard));
    m.peers.push_back({who, now});
  } else {
    it->heard = now;
  }
}

void translation::used(mapping& m, const transit_packet& p, time_point now) {
  if (p.protocol() == wire::ipv4::tcp) m.is_open = p.flags().ack && !p.flags().fin && !p.flags().rst;
  m.until = now + lifetime(p.protocol(), m.is_open);
}

bool translation::outward(transit_packet& p, time_point now) {
  const ipv4_address public_address = outside_();
  if (p.is_error()) {  // about a packet that came from outside: that one must look as it did there
    const mapping* m = find(p.quoted_protocol(), p.quoted_destination(), now);
    if (m == nullptr) return false;
    p.set_quoted_destination({public_address, m->port});
    p.set_source({public_address});
    return true;
  }
  if (!p.has_ports()) return false;
  mapping* m = find(p.protocol(), p.source(), now);
  if (m == nullptr) m = make(p.protocol(), p.source(), now);
  if (m == nullptr) return false;
  used(*m, p, now);  // only the inside keeps a mapping alive (RFC 4787 REQ-6)
  allow(*m, p.destination().address, now);
  p.set_source({public_address, m->port});
  return true;
}

bool translation::inward(transit_packet& p, time_point now) {
  if (p.destination().address != outside_()) return false;
  if (p.is_error()) {  // about a packet of ours: its sender is inside (RFC 5508 REQ-4)
    const mapping* m = at_port(p.quoted_protocol(), p.quoted_source().port, now);
    if (m == nullptr || p.quoted_source().address != outside_()) return false;
    p.set_quoted_source(m->host);
    p.set_destination({m->host.address});
    return true;
  }
  if (!p.has_ports() || p.is_echo_request()) return false;
  mapping* m = at_port(p.protocol(), p.destination().port, now);
  if (m == nullptr || std::ranges::find(m->peers, p.source().address, &peer::address) == m->peers.end())
    return false;
  // A connection that somebody has ended keeps its mapping for a last word only.
  if (p.flags().fin || p.flags().rst) m->until = std::min(m->until, now + lifetime(p.protocol(), false));
  p.set_destination(m->host);
  return true;
}
