#include "aster/net/interface6.hpp"

#include <algorithm>
#include <new>

#include "aster/net/interface.hpp"
#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/ndp.hpp"

namespace aster::net {

namespace {

constexpr std::uint8_t from_this_link = 255;  // a hop limit that no router has lowered (RFC 4861 §6.1)

// An error quotes as much as fits into the least MTU (RFC 4443 §2.4 c).
constexpr std::size_t quote_limit = wire::ipv6::least_mtu - wire::ipv6::size - wire::icmpv6::size;

// RFC 2464 §7.
mac_address mac_of_group(const ipv6_address& group) {
  return {{0x33, 0x33, group.bytes[12], group.bytes[13], group.bytes[14], group.bytes[15]}};
}

bool is_advertisement(const wire::ipv6::parsed& p) {
  return !p.cut && p.header.protocol == wire::ipv6::icmp && !p.payload.empty() &&
         wire::load8(p.payload, 0) == wire::icmpv6::neighbour_advertisement;
}

ipv6_address address_at(wire::bytes packet, std::size_t offset) {
  ipv6_address a;
  std::memcpy(a.bytes.data(), packet.subspan(offset, 16).data(), 16);
  return a;
}

}  // namespace

interface6::interface6(interface& link, const autoconfiguration_options& options, counters& counts,
                       random_source& random)
    : link_(link),
      counts_(counts),
      random_(random),
      configuration_(link.mac(), options, counts, random),
      neighbours_(counts, neighbours::as_ndp),
      groups_(random),
      fragments_(counts),
      identification_(random) {}

void interface6::start(time_point now) {
  now_ = now;
  configuration_.start(now);
  say_what_is_due(now);
}

std::uint16_t interface6::mtu() const {
  const std::uint16_t said = configuration_.mtu();
  return said != 0 ? std::min(said, link_.mtu()) : link_.mtu();
}

time_point interface6::deadline() const {
  return std::min(
      {configuration_.deadline(), neighbours_.deadline(), groups_.deadline(), fragments_.deadline()});
}

// --- Arriving ---------------------------------------------------------------------------------------------

bool interface6::takes(const abi::received_frame& frame) {
  return frame.frame.size() >= wire::ethernet::size &&
         wire::load16(frame.frame, 12) == wire::ethernet::type_ipv6;
}

std::optional<inbound6> interface6::arrived(const abi::received_frame& frame, time_point now) {
  now_ = now;
  link_.count_received(frame.frame.size());
  const auto drop = [&](counter why) {
    counts_.add(why);
    return std::nullopt;
  };
  const auto ethernet = wire::ethernet::parse(frame.frame);
  const bool to_many = ethernet->destination.is_multicast();
  if (!to_many && ethernet->destination != link_.mac()) return drop(counter::ethernet_not_for_us);
  const wire::bytes rest = wire::bytes{frame.frame}.subspan(wire::ethernet::size);

  auto parsed = wire::ipv6::parse(rest);
  if (!parsed) {
    const auto wrong = parsed.error();
    if (!wrong.tell) return drop(counter::ipv6_malformed);
    if (configuration_.owns(address_at(rest, 24)) || wrong.tell_even_group)
      send_error(rest, wire::icmpv6::parameter_problem, wrong.code, wrong.pointer, now,
                 wrong.tell_even_group);
    return drop(counter::ipv6_refused);
  }
  const wire::ipv6 h = parsed->header;
  // Mapped addresses stand for IPv4 in here: from outside they would pass for a neighbour of that family.
  // From an address of ours comes only what says that it is somebody else's (RFC 4862 §5.4.4).
  if ((!h.source.is_unicast() && !h.source.is_unspecified()) ||
      (configuration_.owns(h.source) && (!is_advertisement(*parsed) || ethernet->source == link_.mac())) ||
      (!h.destination.is_unicast() && !h.destination.is_multicast()))
    return drop(counter::ipv6_source);
  const bool to_group = h.destination.is_multicast();
  if (to_group ? !groups_.contains(h.destination) || ethernet->destination != mac_of_group(h.destination)
               : !configuration_.owns(h.destination) || to_many)
    return drop(counter::ipv6_not_for_us);

  const bool was_cut = parsed->cut.has_value(), in_fragments = parsed->has_fragment_header;
  if (was_cut) {
    const auto whole = put_together(*parsed, rest, now);
    if (!whole) return std::nullopt;
    *parsed = *whole;
  }
  inbound6 in;
  in.header = parsed->header;
  in.packet = {was_cut ? whole_.data() : rest.data(), parsed->header_size + parsed->payload.size()};
  in.payload = parsed->payload;
  in.next_field = parsed->next_field;
  in.to_all = to_group;
  in.in_fragments = in_fragments;
  in.from = ethernet->source;
  // What came through memory alone may have no checksum yet (virtio 1.2 §5.1.6.4.2).
  in.verify = was_cut ||
              !(link_.device().info().receive_offload &&
                (frame.header.flags & (abi::net_header::needs_checksum | abi::net_header::data_valid)) != 0);
  if (in.header.protocol == wire::ipv6::icmp && is_for_link(in, now)) return std::nullopt;
  return in;
}

// Nothing: it waits for others, or was refused.
std::optional<wire::ipv6::parsed> interface6::put_together(const wire::ipv6::parsed& fragment,
                                                           wire::bytes packet, time_point now) {
  const wire::ipv6& h = fragment.header;
  const wire::ipv6::fragment& cut = *fragment.cut;
  if (cut.head_size > reassembly::head_limit) {
    counts_.add(counter::fragments_malformed);
    return std::nullopt;
  }
  if (cut.offset == 0 && !wire::ipv6::has_all_headers(h.protocol, fragment.payload)) {
    counts_.add(counter::fragments_malformed);
    send_error(packet, wire::icmpv6::parameter_problem, wire::icmpv6::incomplete_header_chain, 0, now);
    return std::nullopt;
  }
  // The headers in front, as they will be: naming what follows the fragment header.
  std::array<std::byte, reassembly::head_limit> head;
  std::ranges::copy(packet.first(cut.head_size), head.begin());
  wire::store8(head, fragment.next_field, h.protocol);
  auto r = fragments_.arrived({.from = {h.source, h.destination, cut.identification, 0},
                               .head = wire::bytes{head}.first(cut.head_size),
                               .offset = cut.offset,
                               .more = cut.more,
                               .payload = fragment.payload,
                               .congestion = static_cast<std::uint8_t>(h.traffic_class & 3),
                               .lifetime = reassembly::lifetime_v6},
                              now);
  switch (r.what) {
    case reassembly::verdict::complete: break;
    case reassembly::verdict::malformed:  // RFC 8200 §4.5
      send_error(packet, wire::icmpv6::parameter_problem, 0, 4, now);
      return std::nullopt;
    case reassembly::verdict::too_large:
      send_error(packet, wire::icmpv6::parameter_problem, 0, static_cast<std::uint32_t>(cut.head_size + 2),
                 now);
      return std::nullopt;
    case reassembly::verdict::waiting:
    case reassembly::verdict::refused: return std::nullopt;
  }
  if (r.packet.size() > wire::ipv6::size + 65535) {
    counts_.add(counter::fragments_malformed);
    return std::nullopt;
  }
  whole_ = std::move(r.packet);
  wire::store16(whole_, 4, static_cast<std::uint16_t>(whole_.size() - wire::ipv6::size));
  wire::store8(whole_, 1,
               static_cast<std::uint8_t>((wire::load8(whole_, 1) & 0xcf) | (r.congestion & 3) << 4));
  const auto parsed = wire::ipv6::parse(whole_);
  if (!parsed || parsed->cut) {  // nothing is a fragment of a fragment
    counts_.add(counter::fragments_malformed);
    return std::nullopt;
  }
  return *parsed;
}

// Whether a message of ICMPv6 is no error, so that nobody above has use for it.
bool interface6::is_for_link(const inbound6& in, time_point now) {
  const auto m = wire::icmpv6::parse(in.payload, in.header.source, in.header.destination, in.verify);
  if (!m) {
    counts_.add(m.error() == wire::icmpv6::fault::bad_checksum ? counter::icmp_checksum
                                                               : counter::icmp_malformed);
    return true;
  }
  if (m->is_error()) return false;
  // Neighbour discovery never needs to be cut, and would be past who filters it (RFC 6980 §5).
  if (in.in_fragments && m->type >= wire::icmpv6::router_solicitation && m->type <= wire::icmpv6::redirect) {
    counts_.add(counter::ndp_malformed);
    return true;
  }
  switch (m->type) {
    case wire::icmpv6::echo_request:
      // Groups are not answered: that is how one amplifies an attack.
      if (in.to_all || in.header.source.is_unspecified() || m->code != 0) {
        counts_.add(counter::icmp_echo_ignored);
        return true;
      }
      counts_.add(counter::icmp_echo_answered);
      send_message(in.header.destination, in.header.source,
                   {wire::icmpv6::echo_reply, 0, m->rest, m->payload}, configuration_.hop_limit(), now);
      return true;
    case wire::icmpv6::listener_query:
      if (in.header.hop_limit != 1 || !in.header.source.is_link_local()) {
        counts_.add(counter::ndp_malformed);
        return true;
      }
      groups_.query_arrived(*m, now);
      return true;
    case wire::icmpv6::neighbour_solicitation: solicitation_arrived(in, *m, now); break;
    case wire::icmpv6::neighbour_advertisement: advertisement_arrived(in, *m, now); break;
    case wire::icmpv6::router_advertisement: router_arrived(in, *m, now); break;
    default: counts_.add(counter::icmp_unknown_type); return true;
  }
  say_what_is_due(now);
  return true;
}

void interface6::learn(const ipv6_address& who, mac_address mac, bool to_us, bool is_certain,
                       time_point now) {
  for (auto& frame : neighbours_.heard(who, mac, to_us, now, is_certain)) {
    std::memcpy(frame.bytes.data(), mac.bytes.data(), 6);
    const wire::bytes piece = frame.bytes;
    if (!put(frame.header, {&piece, 1})) counts_.add(counter::device_full);
  }
}

// RFC 4861 §7.1.1, §7.2.3; RFC 4862 §5.4.3.
void interface6::solicitation_arrived(const inbound6& in, const wire::icmpv6& m, time_point now) {
  const auto s = wire::neighbour_solicitation::parse(m);
  const ipv6_address& source = in.header.source;
  if (!s || in.header.hop_limit != from_this_link ||
      (source.is_unspecified() && (s->source_mac || !in.header.destination.is_solicited_node()))) {
    counts_.add(counter::ndp_malformed);
    return;
  }
  const auto* ours = configuration_.find(s->target);
  if (ours == nullptr) return;
  if (source.is_unspecified()) {
    // Somebody else wants it. While we do too neither gets it; once it is ours he is told.
    if (ours->is_tentative) {
      configuration_.conflict(s->target, s->nonce, now);
    } else {
      advertise(s->target, ipv6_address::all_nodes(), false, now);
    }
    return;
  }
  if (!configuration_.owns(s->target)) return;
  if (s->source_mac) learn(source, *s->source_mac, true, false, now);
  // He does not say where he is as long as others may have his address (RFC 4429 §3.3). If we do not know it
  // nor does he of us, and asking back would go on for ever: the answer goes where the question came from.
  // Nor is an answer a use of what we know: two that ask whether the other is still there would never stop.
  const auto known = neighbours_.look(source);
  advertise(s->target, source, true, now, known ? *known : in.from);
}

// RFC 4861 §7.1.2, §7.2.5.
void interface6::advertisement_arrived(const inbound6& in, const wire::icmpv6& m, time_point now) {
  const auto a = wire::neighbour_advertisement::parse(m);
  if (!a || in.header.hop_limit != from_this_link || (in.to_all && a->is_solicited)) {
    counts_.add(counter::ndp_malformed);
    return;
  }
  if (const auto* ours = configuration_.find(a->target)) {
    if (ours->is_tentative) {
      configuration_.conflict(a->target, std::nullopt, now);
    } else {
      counts_.add(counter::ndp_conflict);
    }
    return;
  }
  if (!a->is_router) configuration_.router_left(a->target);
  const auto known = neighbours_.find(a->target, now);
  const auto mac = a->target_mac ? a->target_mac : known;
  if (!mac || (known && *known != *mac && !a->overrides)) return;
  learn(a->target, *mac, false, a->is_solicited, now);
}

// RFC 4861 §6.1.2, §6.3.4.
void interface6::router_arrived(const inbound6& in, const wire::icmpv6& m, time_point now) {
  const auto r = wire::router_advertisement::parse(m);
  if (!r || in.header.hop_limit != from_this_link || !in.header.source.is_link_local()) {
    counts_.add(counter::ndp_malformed);
    return;
  }
  if (r->source_mac) learn(in.header.source, *r->source_mac, true, false, now);
  configuration_.router_said(*r, in.header.source, link_.device().info().mtu, now);
}

// --- Leaving ----------------------------------------------------------------------------------------------

packet_sink::result interface6::send(packet& p, time_point now) {
  now_ = now;
  const ipv6_address destination = p.destination.v6();
  std::optional<mac_address> to;
  std::optional<ipv6_address> hop;
  if (destination.is_multicast()) {
    to = mac_of_group(destination);
  } else {
    hop = configuration_.next_hop(destination);
    if (!hop) {
      counts_.add(counter::ipv6_no_route);
      return packet_sink::result::no_route;
    }
    to = neighbours_.find(*hop, now);
    if (!to) to = way_round(p.source.v6(), now);
  }
  return leave(p, to, hop.value_or(destination), now);
}

// As long as others may have our address no neighbour can be asked for from it: who does not know where the
// answer goes gives none (RFC 4861 §7.2.4, as Linux reads it). The router knows the way (RFC 4429 §3.2).
std::optional<mac_address> interface6::way_round(const ipv6_address& source, time_point now) {
  const auto* ours = configuration_.find(source);
  if (ours == nullptr || !ours->is_tentative) return std::nullopt;
  const auto router = configuration_.router();
  return router ? neighbours_.find(*router, now) : std::nullopt;
}

// `to` nothing: the neighbour `hop` has to be asked for first.
packet_sink::result interface6::leave(packet& p, std::optional<mac_address> to, const ipv6_address& hop,
                                      time_point now) {
  const ipv6_address destination = p.destination.v6();
  const wire::mutable_bytes head = p.head;
  const std::size_t transport_total = p.transport_size + p.payload_size;
  wire::ethernet{to.value_or(mac_address{}), link_.mac(), wire::ethernet::type_ipv6}.emit(head);
  wire::ipv6{.source = p.source.v6(),
             .destination = destination,
             .protocol = p.protocol,
             .hop_limit = p.hop_limit,
             .traffic_class = p.traffic_class,
             .payload_size = static_cast<std::uint16_t>(transport_total)}
      .emit(head.subspan(wire::ethernet::size));

  const abi::net_info& info = link_.device().info();
  abi::net_header header;
  if (p.checksum_offset) {
    wire::checksum sum = wire::pseudo_header(p.source, p.destination, p.protocol, transport_total);
    const wire::mutable_bytes transport = p.transport().first(p.transport_size);
    if (info.checksum_offload) {
      header.flags = abi::net_header::needs_checksum;
      header.checksum_start = packet::headroom;
      header.checksum_offset = *p.checksum_offset;
      wire::store16(transport, *p.checksum_offset, sum.folded());
    } else {
      sum.add(transport);
      for (const wire::bytes piece : p.payload()) sum.add(piece);
      wire::store16(transport, *p.checksum_offset, sum.value());
    }
  }
  if (p.segment_size > 0) {
    header.gso_type = abi::net_header::gso_tcpv6;
    header.segment_size = p.segment_size;
    header.header_length = static_cast<std::uint16_t>(packet::headroom + p.transport_size);
  }
  p.pieces[0] = head.first(packet::headroom + p.transport_size);
  const std::span<const wire::bytes> pieces = std::span{p.pieces}.first(p.piece_count + 1);
  if (!to) {
    try {
      if (neighbours_.wait(hop, header, pieces, now)) ask(hop, mac_address::broadcast(), now);
    } catch (const std::bad_alloc&) {
      counts_.add(counter::arp_queue_full);  // as lost on the link
    }
    return packet_sink::result::sent;
  }
  return put(header, pieces) ? packet_sink::result::sent : packet_sink::result::full;
}

// Gives a frame to the device. Beyond the link nobody cuts what is too large for him, and datagrams are not
// sent again: they are cut to what every link takes (RFC 8200 §5).
bool interface6::put(const abi::net_header& header, std::span<const wire::bytes> pieces) {
  const wire::bytes ip = pieces.front().subspan(wire::ethernet::size);
  const std::uint8_t protocol = wire::load8(ip, 6);
  const ipv6_address destination = address_at(ip, 24);
  const bool near = destination.is_link_multicast() || configuration_.is_on_link(destination);
  const std::size_t limit = near ? mtu() : wire::ipv6::least_mtu;
  std::size_t size = 0;
  for (const wire::bytes piece : pieces) size += piece.size();
  if (protocol == wire::ipv6::tcp || size <= wire::ethernet::size + limit)
    return link_.transmit(header, pieces);

  const std::uint32_t id = identification_.next(address_at(ip, 8), destination, 0);
  packet_cutter cut{pieces, limit, id};
  bool all = true;
  while (const auto fragment = cut.next()) {
    all = link_.transmit({}, *fragment) && all;
    counts_.add(counter::fragments_sent);
  }
  return all;
}

void interface6::send_message(const ipv6_address& from, const ipv6_address& to, const wire::icmpv6& m,
                              std::uint8_t hop_limit, time_point now, std::optional<mac_address> mac) {
  packet& p = packet_;
  p.source = from;
  p.destination = to;
  p.protocol = wire::ipv6::icmp;
  p.hop_limit = hop_limit;
  m.emit(p.transport(), from, to);
  p.transport_size = wire::icmpv6::size;
  p.payload_room()[0] = m.payload;
  p.piece_count = m.payload.empty() ? 0 : 1;
  p.payload_size = m.payload.size();
  p.checksum_offset.reset();
  p.segment_size = 0;
  const auto sent = mac ? leave(p, mac, to, now) : send(p, now);
  if (sent == packet_sink::result::full) counts_.add(counter::device_full);
}

void interface6::send_error(wire::bytes about, std::uint8_t type, std::uint8_t code, std::uint32_t rest,
                            time_point now, bool even_group) {
  if (about.size() < wire::ipv6::size) return;
  const ipv6_address source = address_at(about, 8), destination = address_at(about, 24);
  if (!source.is_unicast() || (destination.is_multicast() && !even_group)) return;
  // About an error nothing is said, or two hosts would never stop.
  if (wire::load8(about, 6) == wire::ipv6::icmp && about.size() > wire::ipv6::size) {
    const std::uint8_t kind = wire::load8(about, wire::ipv6::size);
    if (kind < 128 || kind == wire::icmpv6::redirect) return;
  }
  const auto from = configuration_.owns(destination) ? std::optional{destination} : source_for(source);
  if (!from) return;
  if (!errors_.take(now)) {
    counts_.add(counter::icmp_rate_limited);
    return;
  }
  send_message(*from, source, {type, code, rest, about.first(std::min(about.size(), quote_limit))},
               configuration_.hop_limit(), now);
}

void interface6::send_incomplete(wire::bytes about, time_point now) {
  send_error(about, wire::icmpv6::time_exceeded, wire::icmpv6::reassembly_exceeded, 0, now);
}

// --- What this host says to its link ----------------------------------------------------------------------

void interface6::ask(const ipv6_address& about, mac_address to, time_point now) {
  const auto from = source_for(about);
  if (!from) return;
  const auto* ours = configuration_.find(*from);
  wire::neighbour_solicitation s{.target = about};
  // As long as others may have our address they must not learn that it is here (RFC 4429 §3.3).
  if (ours != nullptr && !ours->is_tentative) s.source_mac = link_.mac();
  std::array<std::byte, wire::neighbour_solicitation::largest_size> bytes;
  const std::size_t size = s.emit(bytes);
  // Known, it is asked where it is believed to be, which does not count as use.
  const bool is_known = !to.is_broadcast();
  send_message(*from, is_known ? about : about.solicited_node(),
               {wire::icmpv6::neighbour_solicitation, 0, 0, wire::bytes{bytes}.first(size)}, from_this_link,
               now, is_known ? std::optional{to} : std::nullopt);
}

void interface6::advertise(const ipv6_address& about, const ipv6_address& to, bool is_solicited,
                           time_point now, std::optional<mac_address> mac) {
  const auto* ours = configuration_.find(about);
  const wire::neighbour_advertisement a{.target = about,
                                        .is_solicited = is_solicited,
                                        .overrides = ours != nullptr && !ours->is_tentative,
                                        .target_mac = link_.mac()};
  std::array<std::byte, wire::neighbour_advertisement::largest_size> bytes;
  const std::size_t size = a.emit(bytes);
  send_message(about, to,
               {wire::icmpv6::neighbour_advertisement, 0, a.flags(), wire::bytes{bytes}.first(size)},
               from_this_link, now, mac);
}

// The solicited-node groups are those of the addresses that are there (RFC 4291 §2.8).
void interface6::follow_addresses(time_point now) {
  std::vector<ipv6_address> wanted;
  for (const auto& h : configuration_.addresses()) wanted.push_back(h.address.solicited_node());
  for (const ipv6_address& g : wanted)
    if (!std::ranges::contains(joined_, g)) groups_.join(g, now);
  for (const ipv6_address& g : joined_)
    if (!std::ranges::contains(wanted, g)) groups_.leave(g, now);
  joined_.clear();
  for (const ipv6_address& g : wanted)
    if (!std::ranges::contains(joined_, g)) joined_.push_back(g);
}

void interface6::say_what_is_due(time_point now) {
  follow_addresses(now);
  const auto link_local = configuration_.link_local();
  const auto* certain = link_local ? configuration_.find(*link_local) : nullptr;
  const ipv6_address from = certain != nullptr && !certain->is_tentative ? *link_local : ipv6_address{};

  std::array<std::byte, multicast_listeners::largest_size> records;
  if (const std::size_t count = groups_.next(records, now); count > 0) {
    // Behind a hop-by-hop header that asks routers to look at it (RFC 3810 §5).
    packet& p = packet_;
    p.source = from;
    p.destination = multicast_listeners::all_reporters;
    p.protocol = wire::ipv6::hop_by_hop;
    p.hop_limit = 1;
    constexpr std::array<std::uint8_t, 8> router_alert{wire::ipv6::icmp, 0, 5, 2, 0, 0, 1, 0};
    std::ranges::copy(std::as_bytes(std::span{router_alert}), p.transport().begin());
    const wire::bytes payload = wire::bytes{records}.first(count * multicast_listeners::record_size);
    wire::icmpv6{wire::icmpv6::listener_report, 0, static_cast<std::uint32_t>(count), payload}.emit(
        p.transport().subspan(router_alert.size()), from, multicast_listeners::all_reporters);
    p.transport_size = router_alert.size() + wire::icmpv6::size;
    p.payload_room()[0] = payload;
    p.piece_count = 1;
    p.payload_size = payload.size();
    p.checksum_offset.reset();
    p.segment_size = 0;
    if (send(p, now) == packet_sink::result::full) counts_.add(counter::device_full);
  }
  while (const auto m = configuration_.next(now)) {
    if (!m->target) {
      send_message(from, ipv6_address::all_routers(), {wire::icmpv6::router_solicitation, 0, 0, {}},
                   from_this_link, now);
      continue;
    }
    std::array<std::byte, wire::neighbour_solicitation::largest_size> bytes;
    const std::size_t size =
        wire::neighbour_solicitation{.target = *m->target, .nonce = m->nonce}.emit(bytes);
    send_message({}, m->target->solicited_node(),
                 {wire::icmpv6::neighbour_solicitation, 0, 0, wire::bytes{bytes}.first(size)}, from_this_link,
                 now);
  }
  follow_addresses(now);
}

}  // namespace aster::net
