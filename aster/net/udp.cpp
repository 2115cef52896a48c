#include "aster/net/udp.hpp"

#include <algorithm>
#include <new>

namespace aster::net {

bool udp_port::push(const endpoint& from, wire::bytes payload) {
  if (queue_.size() >= limits_.datagrams || bytes_ + payload.size() > limits_.bytes) {
    ++dropped_;
    return false;
  }
  try {
    queue_.push_back({from, {payload.begin(), payload.end()}});
  } catch (const std::bad_alloc&) {
    ++dropped_;
    return false;
  }
  bytes_ += payload.size();
  return true;
}

datagram udp_port::pop() {
  datagram d = std::move(queue_.front());
  queue_.pop_front();
  bytes_ -= d.payload.size();
  return d;
}

void udp_port::fail(error e) {
  failure_ = e;
  if (watched_by != nullptr) watched_by->changed(*this);
}

udp_port* udp::find(std::uint16_t number) const {
  for (const auto& p : ports_)
    if (p->number() == number) return p.get();
  return nullptr;
}

// False: nobody listens there.
bool udp::deliver(const ip_address& source, const ip_address& destination, wire::bytes payload, bool verify) {
  const auto u = wire::udp::parse(payload, source, destination, verify);
  if (!u) {
    counts_.add(u.error() == wire::udp::fault::bad_checksum ? counter::udp_checksum : counter::udp_malformed);
    return true;
  }
  const endpoint from{source, u->source_port};
  udp_port* port = find(u->destination_port);
  if (port == nullptr || (port->peer() && *port->peer() != from)) {
    counts_.add(counter::udp_no_port);
    return false;
  }
  if (!port->push(from, u->payload)) {
    counts_.add(counter::udp_queue_full);
    return true;
  }
  counts_.add(counter::udp_received);
  counts_.add(counter::bytes_copied_received, u->payload.size());
  if (port->watched_by != nullptr) port->watched_by->changed(*port);
  return true;
}

void udp::icmp_error(const icmp::complaint& c) {
  const endpoint peer{c.destination, wire::load16(c.quoted, 2)};
  udp_port* port = find(wire::load16(c.quoted, 0));
  if (port == nullptr || port->peer() != peer) {
    counts_.add(counter::icmp_error_ignored);
    return;
  }
  // Soft errors say no more than that something may get better (RFC 1122 §4.1.3.3).
  if (c.hard) port->fail(c.port ? error::refused : error::unreachable);
}

void udp::stop() {
  for (const auto& p : ports_) p->fail(error::closed);
}

udp_port* udp::bind(std::uint16_t number, const bind_options& limits) {
  if (number == 0) {
    constexpr std::uint32_t first = 49152, count = 65536 - first;
    const std::uint32_t start = random_.below(count);
    for (std::uint32_t i = 0; i < count && number == 0; ++i) {
      const auto candidate = static_cast<std::uint16_t>(first + (start + i) % count);
      if (find(candidate) == nullptr) number = candidate;
    }
  }
  if (number == 0 || find(number) != nullptr) return nullptr;
  return ports_.emplace_back(std::make_unique<udp_port>(number, limits)).get();
}

void udp::unbind(udp_port& port) {
  std::erase_if(ports_, [&](const auto& p) { return p.get() == &port; });
}

std::expected<void, error> udp::send(std::uint16_t from, const endpoint& to, wire::bytes payload,
                                     time_point now) {
  if (to.port == 0 || to.address.is_unspecified() || payload.size() > payload_limit)
    return std::unexpected{error::invalid};
  const auto source = routes_.source_for(to.address);
  if (!source) {
    counts_.add(to.address.is_v4() ? counter::ipv4_no_route : counter::ipv6_no_route);
    return std::unexpected{error::unreachable};
  }
  packet& p = packet_;
  p.source = *source;
  p.destination = to.address;
  p.protocol = wire::ipv4::udp;
  // Groups of this link: 255 shows that a packet comes from there (RFC 6762 §11); others: RFC 1112 §6.1.
  p.hop_limit = !to.address.is_multicast()       ? wire::ipv4::default_ttl
                : to.address.is_link_multicast() ? std::uint8_t{255}
                                                 : std::uint8_t{1};
  wire::udp{from, to.port, payload}.emit(p.transport(), p.source, p.destination);
  p.transport_size = wire::udp::size;
  p.payload_room()[0] = payload;
  p.piece_count = payload.empty() ? 0 : 1;
  p.payload_size = payload.size();
  p.checksum_offset.reset();
  p.segment_size = 0;
  p.may_fragment = true;  // UDP is not told how much the path takes, so routers must be able to cut
  switch (routes_.send(p, now)) {
    case packet_sink::result::sent: counts_.add(counter::udp_sent); return {};
    case packet_sink::result::full: return std::unexpected{error::exhausted};
    case packet_sink::result::no_route: return std::unexpected{error::unreachable};
  }
  return std::unexpected{error::unreachable};
}

}  // namespace aster::net
