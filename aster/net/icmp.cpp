#include "aster/net/icmp.hpp"

#include <algorithm>

namespace aster::net {

namespace {
// An error quotes as much as fits into a packet of 576 bytes (RFC 1812 §4.3.2.3).
constexpr std::size_t quote_limit = 576 - wire::ipv4::size - wire::icmp::size;
}  // namespace

std::optional<icmp::complaint> icmp::arrived(const inbound& in, time_point now) {
  const auto message = wire::icmp::parse(in.payload);
  if (!message) {
    counts_.add(message.error() == wire::icmp::fault::bad_checksum ? counter::icmp_checksum
                                                                   : counter::icmp_malformed);
    return std::nullopt;
  }
  if (message->type == wire::icmp::echo_request && message->code == 0) {
    // Broadcast pings are how one amplifies an attack (RFC 1122 §3.2.2.6 allows silence).
    if (in.to_all || in.header.source.is_unspecified()) {
      counts_.add(counter::icmp_echo_ignored);
      return std::nullopt;
    }
    counts_.add(counter::icmp_echo_answered);
    send(in.header.destination, in.header.source,
         {wire::icmp::echo_reply, 0, message->rest, message->payload}, now);
    return std::nullopt;
  }
  if (!message->is_error()) {
    counts_.add(counter::icmp_unknown_type);
    return std::nullopt;
  }
  counts_.add(counter::icmp_error_received);

  // The quoted packet is cut short: its own length and checksum say more than is there.
  const wire::bytes q = message->payload;
  const std::size_t header_size = q.empty() ? 0 : std::size_t{wire::load8(q, 0) & 15u} * 4;
  if (q.size() < wire::ipv4::size || wire::load8(q, 0) >> 4 != 4 || header_size < wire::ipv4::size ||
      q.size() < header_size + 8) {
    counts_.add(counter::icmp_error_ignored);
    return std::nullopt;
  }
  complaint c;
  c.protocol = wire::load8(q, 9);
  const ipv4_address source{wire::load32(q, 12)};
  c.source = source;
  c.destination = ipv4_address{wire::load32(q, 16)};
  c.quoted = q.subspan(header_size);
  if (routes_.owner(source) == nullptr) {
    counts_.add(counter::icmp_error_ignored);
    return std::nullopt;
  }
  if (message->type == wire::icmp::unreachable) {
    c.hard = message->code == wire::icmp::protocol_unreachable ||
             message->code == wire::icmp::port_unreachable || message->code == wire::icmp::net_unreachable ||
             message->code == wire::icmp::host_unreachable;
    c.port = message->code == wire::icmp::port_unreachable;
    if (message->code == wire::icmp::fragmentation_needed) c.path_mtu = message->rest & 0xffff;
  }
  return c;
}

std::optional<icmp::complaint> icmp::arrived(const inbound6& in) {
  counts_.add(counter::icmp_error_received);
  const auto ignore = [&] {
    counts_.add(counter::icmp_error_ignored);
    return std::nullopt;
  };
  // Its checksum was looked at already, and its header is there.
  const auto m = wire::icmpv6::parse(in.payload, in.header.source, in.header.destination, false);
  if (!m) return ignore();
  // Extension headers of ours are at most a fragment's; of what is quoted only the first says whose it was.
  const wire::bytes q = m->payload;
  if (q.size() < wire::ipv6::size + 8 || wire::load8(q, 0) >> 4 != 6) return ignore();
  complaint c;
  std::size_t at = wire::ipv6::size;
  c.protocol = wire::load8(q, 6);
  if (c.protocol == wire::ipv6::fragment_header) {
    if (q.size() < at + 16 || (wire::load16(q, at + 2) & 0xfff8) != 0) return ignore();
    c.protocol = wire::load8(q, at);
    at += 8;
  }
  c.quoted = q.subspan(at);
  ipv6_address source, destination;
  std::memcpy(source.bytes.data(), q.data() + 8, 16);
  std::memcpy(destination.bytes.data(), q.data() + 24, 16);
  if (destination.is_v4_mapped() || routes_.owner(source) == nullptr) return ignore();
  c.source = source;
  c.destination = destination;
  switch (m->type) {
    case wire::icmpv6::unreachable:
      c.hard = m->code <= wire::icmpv6::port_unreachable;
      c.port = m->code == wire::icmpv6::port_unreachable;
      break;
    case wire::icmpv6::packet_too_big: c.path_mtu = m->rest; break;
    case wire::icmpv6::parameter_problem: c.hard = m->code == wire::icmpv6::unknown_next_header; break;
    default: break;
  }
  return c;
}

void icmp::send_port_unreachable(const inbound6& about, time_point now) {
  if (interface* link = routes_.owner(about.header.destination))
    link->ipv6()->send_error(about.packet, wire::icmpv6::unreachable, wire::icmpv6::port_unreachable, 0, now);
}

void icmp::send_unreachable(const inbound& about, std::uint8_t code, time_point now) {
  if (about.to_all || about.header.source.is_unspecified()) return;
  send_error(about.header.destination, about.header.source, {wire::icmp::unreachable, code, 0, about.packet},
             now);
}

void icmp::send_incomplete(wire::bytes about, time_point now) {
  const ipv4_address source{wire::load32(about, 12)}, destination{wire::load32(about, 16)};
  if (source.is_unspecified() || routes_.owner(destination) == nullptr) return;
  send_error(destination, source, {wire::icmp::time_exceeded, wire::icmp::reassembly_exceeded, 0, about},
             now);
}

void icmp::send_error(ipv4_address from, ipv4_address to, wire::icmp error, time_point now) {
  if (!errors_.take(now)) {
    counts_.add(counter::icmp_rate_limited);
    return;
  }
  error.payload = error.payload.first(std::min(error.payload.size(), quote_limit));
  send(from, to, error, now);
}

void icmp::send(ipv4_address from, ipv4_address to, const wire::icmp& message, time_point now) {
  packet& p = packet_;
  p.source = from;
  p.destination = to;
  p.protocol = wire::ipv4::icmp;
  message.emit(p.transport());
  p.transport_size = wire::icmp::size;
  p.payload_room()[0] = message.payload;
  p.piece_count = message.payload.empty() ? 0 : 1;
  p.payload_size = message.payload.size();
  p.checksum_offset.reset();
  p.segment_size = 0;
  p.may_fragment = true;  // the answer to a ping that came in fragments
  if (routes_.send(p, now) == packet_sink::result::full) counts_.add(counter::device_full);
}

}  // namespace aster::net
