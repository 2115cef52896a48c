#include "aster/net/interface.hpp"

#include <algorithm>
#include <new>

#include "aster/net/segmentation.hpp"
#include "aster/net/wire/checksum.hpp"

namespace aster::net {

namespace {
std::size_t size_of(std::span<const wire::bytes> pieces) {
  std::size_t size = 0;
  for (const wire::bytes piece : pieces) size += piece.size();
  return size;
}
}  // namespace

void interface::configure(std::optional<ipv4_interface> address, std::span<const ipv4_route> routes,
                          address_claim::care how, time_point now) {
  const bool is_same = claimed_ == address;
  claimed_ = address;
  routes_.clear();
  // Those on the link first: they make gateways neighbours (RFC 3442).
  for (const ipv4_route& r : routes)
    if (!r.gateway) add_route(r);
  for (const ipv4_route& r : routes)
    if (r.gateway) add_route(r);
  if (is_same) return;
  neighbours_.clear();
  address_.reset();
  claim_.forget();
  if (!address) return;
  claim_.begin(address->address, how, now);
  claim(now);
}

// Says what is due about our address, and uses it when it is ours.
void interface::claim(time_point now) {
  while (const auto a = claim_.next(now)) transmit_arp(*a, mac_address::broadcast());
  if (address_ || !claim_.is_settled()) return;
  address_ = claimed_;
  groups_.announce(now);
}

// --- Arriving ---------------------------------------------------------------------------------------------

std::optional<inbound> interface::arrived(const abi::received_frame& frame, time_point now) {
  count_received(frame.frame.size());
  const wire::bytes bytes = frame.frame;
  const auto ethernet = wire::ethernet::parse(bytes);
  if (!ethernet) {
    counts_.add(counter::ethernet_malformed);
    return std::nullopt;
  }
  if (ethernet->destination != mac() && !ethernet->destination.is_multicast()) {
    counts_.add(counter::ethernet_not_for_us);
    return std::nullopt;
  }
  const wire::bytes rest = bytes.subspan(wire::ethernet::size);
  if (ethernet->type == wire::ethernet::type_arp) {
    arp_arrived(rest, now);
    return std::nullopt;
  }
  if (ethernet->type != wire::ethernet::type_ipv4) {
    counts_.add(counter::ethernet_unknown_type);
    return std::nullopt;
  }

  auto parsed = wire::ipv4::parse(rest);
  if (!parsed) {
    counts_.add(parsed.error() == wire::ipv4::fault::bad_checksum ? counter::ipv4_checksum
                                                                  : counter::ipv4_malformed);
    return std::nullopt;
  }
  const wire::ipv4 h = parsed->header;
  const auto drop = [&](counter why) {
    counts_.add(why);
    return std::nullopt;
  };
  // A packet can come only from one host, and not from ourselves (RFC 1122 §3.2.1.3). The unspecified
  // address stands for a host that has none yet.
  if ((!h.source.is_unicast() && !h.source.is_unspecified()) || is_broadcast(h.source) ||
      (address_ && h.source == address_->address))
    return drop(counter::ipv4_source);
  const bool to_group = h.destination.is_multicast() && groups_.contains(h.destination);
  const bool to_all = is_broadcast(h.destination) || to_group;
  // Without an address anything for our station is taken: DHCP servers answer to the address to be.
  if (address_ && !to_all && h.destination != address_->address && !takes_foreign_)
    return drop(counter::ipv4_not_for_us);
  // A unicast packet inside a link broadcast is an attack or a loop (RFC 1122 §3.3.6).
  if (ethernet->destination.is_multicast() && !to_all && address_) return drop(counter::ipv4_not_for_us);
  if (to_group && ethernet->destination != mac_address::of_group(h.destination.value))
    return drop(counter::ipv4_not_for_us);
  if (h.source_routed) return drop(counter::ipv4_options);
  if (h.is_fragment()) {
    const auto whole = put_together(*parsed, rest, now);
    if (!whole) return std::nullopt;
    *parsed = *whole;
  }

  if (parsed->header.protocol == wire::igmp::protocol) {
    groups_.arrived(parsed->payload, now);
    return std::nullopt;
  }

  inbound in;
  in.header = parsed->header;
  const std::size_t size = parsed->header_size + parsed->payload.size();
  in.packet = h.is_fragment() ? wire::mutable_bytes{whole_} : frame.frame.subspan(wire::ethernet::size, size);
  if (!h.is_fragment()) in.device = frame.header;
  in.payload = parsed->payload;
  in.to_all = to_all || ethernet->destination.is_multicast();
  // What came through memory alone may have no checksum yet (virtio 1.2 §5.1.6.4.2).
  in.verify = h.is_fragment() ||
              !(device_.info().receive_offload &&
                (frame.header.flags & (abi::net_header::needs_checksum | abi::net_header::data_valid)) != 0);
  return in;
}

// Nothing: it waits for others, or was refused.
std::optional<wire::ipv4::parsed> interface::put_together(const wire::ipv4::parsed& fragment,
                                                          wire::bytes packet, time_point now) {
  const wire::ipv4& h = fragment.header;
  auto r = fragments_.arrived(
      {.from = {h.source, h.destination, h.identification, h.protocol},
       .head = packet.first(fragment.header_size),
       .offset = h.fragment_offset,
       .more = h.more_fragments,
       .payload = fragment.payload,
       .congestion = static_cast<std::uint8_t>(h.traffic_class & wire::ipv4::congestion_bits)},
      now);
  if (r.what != reassembly::verdict::complete) return std::nullopt;
  if (r.packet.size() > 65535) {
    counts_.add(counter::fragments_malformed);
    return std::nullopt;
  }
  whole_ = std::move(r.packet);
  wire::ipv4::made_whole(whole_, r.head_size, r.congestion);
  const auto parsed = wire::ipv4::parse(whole_);
  return parsed ? std::optional{*parsed} : std::nullopt;
}

void interface::arp_arrived(wire::bytes bytes, time_point now) {
  const auto a = wire::arp::parse(bytes);
  if (!a) {
    counts_.add(counter::arp_malformed);
    return;
  }
  switch (claim_.heard(*a, now)) {
    case address_claim::verdict::no_conflict: break;
    case address_claim::verdict::conflict:
      counts_.add(counter::arp_conflict);
      claim(now);  // a defence may be due
      return;
    case address_claim::verdict::lost:
      counts_.add(counter::arp_conflict);
      lost_ = true;
      claimed_.reset();
      routes_.clear();
      address_.reset();
      neighbours_.clear();
      return;
  }
  if (!address_ || a->sender_mac == mac()) {
    counts_.add(counter::arp_ignored);
    return;
  }
  const ipv4_address ours = address_->address;
  // Only what could be a neighbour: an address of another network is nonsense or worse.
  if (is_neighbour(a->sender_ip)) {
    for (auto& frame : neighbours_.heard(a->sender_ip, a->sender_mac, a->target_ip == ours, now)) {
      std::memcpy(frame.bytes.data(), a->sender_mac.bytes.data(), 6);
      const wire::bytes piece = frame.bytes;
      if (!transmit(frame.header, {&piece, 1})) counts_.add(counter::device_full);
    }
  }
  if (a->op == wire::arp::operation::request && a->target_ip == ours)
    transmit_arp({wire::arp::operation::reply, mac(), ours, a->sender_mac, a->sender_ip}, a->sender_mac);
}

// --- Leaving ----------------------------------------------------------------------------------------------

bool interface::is_neighbour(ipv4_address a) const {
  if (!claimed_) return false;
  return claimed_->contains(a) || std::ranges::any_of(routes_, [&](const ipv4_route& r) {
           return (!r.gateway && r.network.contains(a)) || r.gateway == a;
         });
}

bool interface::add_route(const ipv4_route& r) {
  if (!claimed_ || (r.gateway && (!is_neighbour(*r.gateway) || *r.gateway == claimed_->address)))
    return false;
  routes_.push_back(r);
  return true;
}

std::optional<ipv4_address> interface::gateway() const {
  std::optional<ipv4_route> best;
  for (const ipv4_route& r : routes_)
    if (r.network.prefix == 0 && r.gateway && (!best || r.is_better_than(*best))) best = r;
  return best ? best->gateway : std::nullopt;
}

std::optional<ipv4_route> interface::route_to(ipv4_address destination) const {
  if (!address_) return std::nullopt;
  std::optional<ipv4_route> best;
  if (address_->contains(destination)) best = ipv4_route{.network = *address_};
  for (const ipv4_route& r : routes_)
    if (r.network.contains(destination) && (!best || r.is_better_than(*best))) best = r;
  return best;
}

std::optional<ipv4_address> interface::next_hop(ipv4_address destination) const {
  const auto route = route_to(destination);
  return route ? std::optional{route->gateway.value_or(destination)} : std::nullopt;
}

packet_sink::result interface::send(packet& p, time_point now) {
  if (p.destination.is_v6()) {
    counts_.add(counter::ipv4_no_route);
    return result::no_route;
  }
  const ipv4_address destination = p.destination.v4();
  std::optional<mac_address> to_all;
  if (is_broadcast(destination)) to_all = mac_address::broadcast();
  if (destination.is_multicast()) to_all = mac_address::of_group(destination.value);
  std::optional<ipv4_address> hop;
  if (!to_all) {
    hop = next_hop(destination);
    if (!hop) {
      counts_.add(counter::ipv4_no_route);
      return result::no_route;
    }
  }
  const std::optional<mac_address> to = to_all ? to_all : neighbours_.find(*hop, now);

  // The header ends where the transport's begins; there is room in front for the longer one of IPv6.
  const wire::mutable_bytes head =
      std::span{p.head}.subspan(packet::headroom - wire::ethernet::size - wire::ipv4::size);
  const std::size_t head_size = wire::ethernet::size + wire::ipv4::size;
  const std::size_t transport_total = p.transport_size + p.payload_size;
  wire::ethernet{to.value_or(mac_address{}), mac(), wire::ethernet::type_ipv4}.emit(head);
  wire::ipv4{.source = p.source.v4(),
             .destination = destination,
             .protocol = p.protocol,
             .ttl = p.hop_limit,
             .traffic_class = p.traffic_class,
             .identification = p.may_fragment ? static_cast<std::uint16_t>(
                                                    identification_.next(p.source, p.destination, p.protocol))
                                              : std::uint16_t{0},
             .dont_fragment = !p.may_fragment,
             .payload_size = static_cast<std::uint16_t>(transport_total)}
      .emit(head.subspan(wire::ethernet::size));

  const abi::net_info& info = device_.info();
  abi::net_header header;
  if (p.checksum_offset) {
    wire::checksum sum = wire::pseudo_header(p.source, p.destination, p.protocol, transport_total);
    const wire::mutable_bytes transport = p.transport().first(p.transport_size);
    if (info.checksum_offload) {
      header.flags = abi::net_header::needs_checksum;
      header.checksum_start = head_size;
      header.checksum_offset = *p.checksum_offset;
      wire::store16(transport, *p.checksum_offset, sum.folded());
    } else {
      sum.add(transport);
      for (const wire::bytes piece : p.payload()) sum.add(piece);
      wire::store16(transport, *p.checksum_offset, sum.value());
    }
  }
  if (p.segment_size > 0) {
    header.gso_type = abi::net_header::gso_tcpv4;
    header.segment_size = p.segment_size;
    header.header_length = static_cast<std::uint16_t>(head_size + p.transport_size);
  }
  p.pieces[0] = head.first(head_size + p.transport_size);
  const std::span<const wire::bytes> pieces = std::span{p.pieces}.first(p.piece_count + 1);
  if (!to) {
    try {
      if (neighbours_.wait(*hop, header, pieces, now)) ask(*hop, mac_address::broadcast());
    } catch (const std::bad_alloc&) {
      counts_.add(counter::arp_queue_full);  // as lost on the link
    }
    return result::sent;
  }
  return transmit(header, pieces) ? result::sent : result::full;
}

// Reports go to the link alone, and ask routers to look at them (RFC 3376 §4). Those that find no room are
// lost: a change is said twice, and routers ask again.
void interface::report_groups(time_point now) {
  if (!address_) return;
  groups_.expired(now, [&](ipv4_address to, wire::bytes message) {
    std::array<std::byte, wire::ethernet::size + wire::ipv4::size_with_alert> head;
    wire::ethernet{mac_address::of_group(to.value), mac(), wire::ethernet::type_ipv4}.emit(head);
    wire::ipv4{.source = address_->address,
               .destination = to,
               .protocol = wire::igmp::protocol,
               .ttl = 1,
               .traffic_class = 0xc0,  // internetwork control
               .payload_size = static_cast<std::uint16_t>(message.size()),
               .router_alert = true}
        .emit(std::span{head}.subspan(wire::ethernet::size));
    const std::array<wire::bytes, 2> pieces{head, message};
    if (!transmit({}, pieces)) counts_.add(counter::device_full);
  });
}

std::size_t inbound::largest_segment() const {
  const std::size_t ip = packet.size() - payload.size();
  const std::size_t tcp = payload.size() >= 20 ? std::size_t{wire::load8(payload, 12)} / 16 * 4 : 0;
  return ip + tcp + device.segment_size;
}

bool interface::forward(inbound& in, ipv4_address next_hop, time_point now) {
  abi::net_header header = in.device;
  const abi::net_info& info = device_.info();
  const bool partial = (header.flags & abi::net_header::needs_checksum) != 0;
  header.flags = partial ? abi::net_header::needs_checksum : 0;
  if (header.gso_type != abi::net_header::gso_none) {
    const int kind = header.gso_type & ~abi::net_header::gso_ecn;
    if (kind != abi::net_header::gso_tcpv4) {
      counts_.add(counter::forward_unsupported);
      return false;
    }
    if (!partial || !info.tso4 || !info.checksum_offload) {
      tcp_segmenter cut{in.packet, header.segment_size};
      bool all = true;
      for (wire::bytes one = cut.next(); !one.empty(); one = cut.next())
        all = forward_one({}, one, next_hop, now) && all;
      return all;
    }
  } else if (partial && !info.checksum_offload) {
    const std::size_t start =
        header.checksum_start - std::min(header.checksum_start, std::uint16_t{wire::ethernet::size});
    if (start + header.checksum_offset + 2 > in.packet.size()) {
      counts_.add(counter::forward_unsupported);
      return false;
    }
    wire::checksum sum;
    sum.add(in.packet.subspan(start));
    wire::store16(in.packet, start + header.checksum_offset, sum.value());
    header = {};
  }
  return forward_one(header, in.packet, next_hop, now);
}

bool interface::forward_one(const abi::net_header& header, wire::bytes packet, ipv4_address next_hop,
                            time_point now) {
  const auto to = neighbours_.find(next_hop, now);
  // The headers in one piece, should it have to be cut.
  const std::size_t ip = std::size_t{wire::load8(packet, 0) & 15u} * 4;
  std::array<std::byte, wire::ethernet::size + 60> head;
  wire::ethernet{to.value_or(mac_address{}), mac(), wire::ethernet::type_ipv4}.emit(head);
  std::memcpy(head.data() + wire::ethernet::size, packet.data(), ip);
  const std::array<wire::bytes, 2> pieces{std::span{head}.first(wire::ethernet::size + ip),
                                          packet.subspan(ip)};
  if (!to) {
    if (neighbours_.wait(next_hop, header, pieces, now)) ask(next_hop, mac_address::broadcast());
    return true;
  }
  if (transmit(header, pieces)) return true;
  device_.flush();  // what a round passes on may be more than the device holds
  if (transmit(header, pieces)) return true;
  counts_.add(counter::device_full);
  return false;
}

void interface::ask(ipv4_address about, mac_address to) {
  if (!address_) return;
  transmit_arp({wire::arp::operation::request, mac(), address_->address, {}, about}, to);
}

// An ARP packet that finds no room is lost like any other on the link: it is asked again.
bool interface::transmit_arp(const wire::arp& a, mac_address to) {
  std::array<std::byte, wire::ethernet::size + wire::arp::size> bytes;
  wire::ethernet{to, mac(), wire::ethernet::type_arp}.emit(bytes);
  a.emit(std::span{bytes}.subspan(wire::ethernet::size));
  const wire::bytes piece = bytes;
  const bool taken = transmit({}, {&piece, 1});
  if (!taken) counts_.add(counter::device_full);
  return taken;
}

bool interface::transmit(const abi::net_header& header, std::span<const wire::bytes> pieces) {
  const std::size_t size = size_of(pieces);
  if (header.gso_type == abi::net_header::gso_none && size > wire::ethernet::size + mtu())
    return transmit_cut(pieces);
  if (!device_.transmit(header, pieces)) {
    if (!is_one_of_several_) return false;
    device_.flush();
    if (!device_.transmit(header, pieces)) {
      counts_.add(counter::device_full);
      return true;  // lost, as on a bad wire
    }
  }
  taken(size);
  return true;
}

void interface::taken(std::size_t size) {
  counts_.add(counter::frames_sent);
  ++tally_.frames_sent;
  tally_.bytes_sent += size;
  sent_ = true;
}

// When the device is full amid the fragments it gets one more chance: those that it has are of no use without
// the rest. Whoever sends the datagram again does so under another identification.
bool interface::transmit_cut(std::span<const wire::bytes> pieces) {
  packet_cutter cut{pieces, mtu(), 0};
  while (const auto fragment = cut.next()) {
    if (!device_.transmit({}, *fragment)) {
      device_.flush();
      if (!device_.transmit({}, *fragment)) return false;
    }
    taken(size_of(*fragment));
    counts_.add(counter::fragments_sent);
  }
  return true;
}

}  // namespace aster::net
