#include "aster/net/engine.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace aster::net {

namespace {

tcp::host_options tcp_options(const abi::net_device& device, const engine_options& o) {
  const abi::net_info& info = device.info();
  // The device can only cut segments whose checksums it completes.
  return {o.tcp, o.connection_limit, info.mtu, info.tso4 && info.checksum_offload};
}

}  // namespace

engine::engine(abi::net_device& device, const engine_options& options, siphash_key entropy)
    : random_(entropy),
      pool_(options.memory_limit),
      interface_(device, counts_, random_),
      icmp_(interface_, counts_),
      udp_(interface_, icmp_, counts_, random_),
      tcp_(interface_, pool_, counts_, random_, tcp_options(device, options)),
      static_(options.address),
      probe_first_(options.probe_first) {
  if (!static_.address) dhcp_.emplace(interface_.mac(), options.host_name, random_);
}

void engine::start(time_point now) {
  if (dhcp_) {
    dhcp_->start(now);
    send_dhcp(now);
  } else {
    interface_.configure(static_.address, static_.gateway, {.probe_first = probe_first_, .keep = true}, now);
    if (static_.dns) name_servers_ = {*static_.dns};
  }
}

// --- Arriving ---------------------------------------------------------------------------------------------

bool engine::receive(time_point now) {
  std::array<abi::received_frame, batch> frames;
  std::size_t total = 0;
  bool more = true;
  while (more && total < round_limit) {
    const std::size_t count = interface_.device().receive(frames);
    for (const abi::received_frame& frame : std::span{frames}.first(count)) {
      try {
        arrived(frame, now);
      } catch (const std::bad_alloc&) {
        counts_.add(counter::memory_exhausted);  // the frame is lost, as on a bad wire
      }
      interface_.device().release(frame);
    }
    total += count;
    more = count > 0;
  }
  expired(now);
  return more;
}

void engine::arrived(const abi::received_frame& frame, time_point now) {
  const auto in = interface_.arrived(frame, now);
  if (!in) return;
  switch (in->header.protocol) {
    case wire::ipv4::tcp:
      if (in->to_all || in->header.source.is_unspecified() || !interface_.address()) {
        counts_.add(counter::ipv4_not_for_us);  // a connection has two ends (RFC 9293 §3.9.2.3)
        return;
      }
      tcp_.arrived(
          in->header.source, in->header.destination, in->payload, in->verify, now,
          (in->header.traffic_class & wire::ipv4::congestion_bits) == wire::ipv4::congestion_experienced);
      return;
    case wire::ipv4::udp:
      if (dhcp_ && in->payload.size() >= wire::udp::size &&
          wire::load16(in->payload, 2) == wire::dhcp::client_port) {
        dhcp_arrived(*in, now);
      } else if (interface_.address()) {
        udp_.arrived(*in, now);
      }
      return;
    case wire::ipv4::icmp:
      if (!interface_.address()) return;
      if (const auto complaint = icmp_.arrived(*in, now)) complaint_arrived(*complaint);
      return;
    default:
      counts_.add(counter::ipv4_unknown_protocol);
      if (interface_.address()) icmp_.send_unreachable(*in, wire::icmp::protocol_unreachable, now);
      return;
  }
}

void engine::complaint_arrived(const icmp::complaint& c) {
  if (c.about.protocol == wire::ipv4::tcp) {
    tcp_.icmp_error(c.about.source, c.about.destination, c.quoted, c.hard, c.path_mtu);
  } else if (c.about.protocol == wire::ipv4::udp) {
    udp_.icmp_error(c);
  } else {
    counts_.add(counter::icmp_error_ignored);
  }
}

// --- DHCP -------------------------------------------------------------------------------------------------

void engine::dhcp_arrived(const inbound& in, time_point now) {
  const auto u = wire::udp::parse(in.payload, in.header.source, in.header.destination, in.verify);
  if (!u) {
    counts_.add(u.error() == wire::udp::fault::bad_checksum ? counter::udp_checksum : counter::udp_malformed);
    return;
  }
  const auto message =
      u->source_port == wire::dhcp::server_port ? wire::dhcp::parse(u->payload) : std::nullopt;
  if (!message) {
    counts_.add(counter::dhcp_malformed);
    return;
  }
  if (dhcp_->arrived(*message, now)) lease_changed(now);
  send_dhcp(now);
}

void engine::lease_changed(time_point now) {
  const auto& lease = dhcp_->lease();
  if (lease) {
    // A router that is no neighbour cannot be reached: better none than one that swallows packets.
    const auto router =
        lease->router && lease->address.contains(*lease->router) ? lease->router : std::nullopt;
    interface_.configure(lease->address, router, {.probe_first = probe_first_}, now);
    name_servers_ = lease->dns;
    domain_ = lease->domain;
  } else {
    interface_.configure(std::nullopt, std::nullopt, {}, now);
    name_servers_.clear();
    domain_.clear();
  }
}

void engine::send_dhcp(time_point now) {
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

// --- Time -------------------------------------------------------------------------------------------------

void engine::expired(time_point now) {
  if (interface_.deadline() <= now) {
    interface_.expired(
        now,
        [&](ipv4_address failed) {
          const auto concerns = [&](ipv4_address remote) { return interface_.next_hop(remote) == failed; };
          tcp_.neighbour_failed(concerns);
          udp_.neighbour_failed(concerns);
        },
        [&](wire::bytes incomplete) { icmp_.send_incomplete(incomplete, now); });
  }
  if (tcp_.deadline() <= now) tcp_.expired(now);
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

time_point engine::deadline() const {
  return std::min({interface_.deadline(), tcp_.deadline(), dhcp_ ? dhcp_->deadline() : never});
}

void engine::flush(time_point now) {
  tcp_.flush(now);
  if (interface_.take_sent()) interface_.device().flush();
}

}  // namespace aster::net
