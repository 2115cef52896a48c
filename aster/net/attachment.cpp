#include "aster/net/attachment.hpp"

#include <array>

#include "aster/net/wire/udp.hpp"

namespace aster::net {

attachment::attachment(abi::net_device& device, const attachment_options& options, counters& counts,
                       random_source& random)
    : counts_(counts), options_(options), interface_(device, counts, random) {
  if (!options_.address.address) dhcp_.emplace(interface_.mac(), options_.host_name, random);
  const configuration& fixed = options_.address;
  if (fixed.ipv6)
    interface_.enable_ipv6({.address = fixed.address6,
                            .gateway = fixed.gateway6,
                            .dns = fixed.dns6,
                            .probe_first = options_.probe_first},
                           random);
}

void attachment::start(time_point now) {
  if (interface_.ipv6() != nullptr) interface_.ipv6()->start(now);
  if (dhcp_) {
    dhcp_->start(now);
    send_dhcp(now);
    return;
  }
  const configuration& fixed = options_.address;
  std::vector<ipv4_route> routes;
  if (fixed.gateway) routes.push_back({.gateway = fixed.gateway});
  interface_.configure(fixed.address, routes, {.probe_first = options_.probe_first, .keep = true}, now);
  if (fixed.dns) name_servers_ = {*fixed.dns};
}

bool attachment::takes(const inbound& in, time_point now) {
  if (!dhcp_ || in.header.protocol != wire::ipv4::udp || in.payload.size() < wire::udp::size ||
      wire::load16(in.payload, 2) != wire::dhcp::client_port)
    return false;
  const auto u = wire::udp::parse(in.payload, in.header.source, in.header.destination, in.verify);
  if (!u) {
    counts_.add(u.error() == wire::udp::fault::bad_checksum ? counter::udp_checksum : counter::udp_malformed);
    return true;
  }
  const auto message =
      u->source_port == wire::dhcp::server_port ? wire::dhcp::parse(u->payload) : std::nullopt;
  if (!message) {
    counts_.add(counter::dhcp_malformed);
    return true;
  }
  if (dhcp_->arrived(*message, now)) lease_changed(now);
  send_dhcp(now);
  return true;
}

void attachment::lease_changed(time_point now) {
  const auto& lease = dhcp_->lease();
  name_servers_.clear();
  domain_.clear();
  if (!lease) {
    interface_.configure(std::nullopt, {}, {}, now);
    return;
  }
  std::vector<ipv4_route> routes;
  if (lease->router) routes.push_back({.gateway = lease->router});
  for (const auto& r : lease->routes) {
    ipv4_route route{.network = r.network};
    if (!r.router.is_unspecified()) route.gateway = r.router;  // else it is on the link (RFC 3442)
    routes.push_back(route);
  }
  interface_.configure(lease->address, routes, {.probe_first = options_.probe_first}, now);
  interface_.limit_mtu(lease->mtu);
  name_servers_ = lease->dns;
  domain_ = lease->domain;
}

void attachment::send_dhcp(time_point now) {
  while (const auto out = dhcp_->next()) {
    std::array<std::byte, wire::dhcp::largest_size> bytes;
    packet p;
    const wire::bytes payload = std::span{bytes}.first(out->message.emit(bytes));
    p.source = out->source;
    p.destination = out->destination;
    p.protocol = wire::ipv4::udp;
    wire::udp{wire::dhcp::client_port, wire::dhcp::server_port, payload}.emit(p.transport(), p.source,
                                                                              p.destination);
    p.transport_size = wire::udp::size;
    p.payload_room()[0] = payload;
    p.piece_count = 1;
    p.payload_size = payload.size();
    if (interface_.send(p, now) == packet_sink::result::full) counts_.add(counter::device_full);
  }
}

void attachment::expired(time_point now) {
  if (!dhcp_) return;
  if (interface_.take_lost()) {
    if (dhcp_->declined(now)) lease_changed(now);
    send_dhcp(now);
  }
  if (dhcp_->deadline() <= now) {
    if (dhcp_->expired(now)) lease_changed(now);
    send_dhcp(now);
  }
}

}  // namespace aster::net
