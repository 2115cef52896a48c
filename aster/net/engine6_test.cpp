// A whole stack against IPv6 frames that the test makes: neighbours, routers, echo, errors, fragments, and
// what must be dropped; and two stacks that talk to each other.
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "aster/net/engine.hpp"
#include "aster/net/virtual_link.hpp"
#include "aster/net/wire/ndp.hpp"

using namespace aster::net;
using namespace std::chrono_literals;

namespace {

using frame = std::vector<std::byte>;
constexpr mac_address peer_mac{{0x52, 0x54, 0, 0, 0, 1}}, our_mac{{0x52, 0x54, 0, 0, 0, 2}};
constexpr ipv6_address ours{0x2001, 0xdb8, 0, 0, 0, 0, 0, 2}, peer{0x2001, 0xdb8, 0, 0, 0, 0, 0, 1},
    router{0xfe80, 0, 0, 0, 0, 0, 0, 1}, far{0x2001, 0xdb9, 0, 0, 0, 0, 0, 7};
constexpr std::string_view fixed = "ip=10.0.0.2/24,ip6=2001:db8::2/64,gateway6=fe80::1";

mac_address group_mac(const ipv6_address& g) {
  return {{0x33, 0x33, g.bytes[12], g.bytes[13], g.bytes[14], g.bytes[15]}};
}

frame ip_frame(wire::ipv6 h, const frame& payload, mac_address to = our_mac) {
  frame f(54);
  if (h.destination.is_multicast()) to = group_mac(h.destination);
  h.payload_size = static_cast<std::uint16_t>(payload.size());
  wire::ethernet{to, peer_mac, wire::ethernet::type_ipv6}.emit(f);
  h.emit(std::span{f}.subspan(14));
  f.insert(f.end(), payload.begin(), payload.end());
  return f;
}

frame icmp_frame(const ipv6_address& from, const ipv6_address& to, const wire::icmpv6& m,
                 std::uint8_t hop_limit = 255) {
  frame body(8);
  m.emit(body, from, to);
  body.insert(body.end(), m.payload.begin(), m.payload.end());
  return ip_frame({.source = from, .destination = to, .protocol = wire::ipv6::icmp, .hop_limit = hop_limit},
                  body);
}

frame asks(const ipv6_address& from, const ipv6_address& about, std::optional<std::uint64_t> nonce = {}) {
  frame body(wire::neighbour_solicitation::largest_size);
  wire::neighbour_solicitation s{.target = about, .nonce = nonce};
  if (!from.is_unspecified()) s.source_mac = peer_mac;
  body.resize(s.emit(body));
  return icmp_frame(from, about.solicited_node(), {wire::icmpv6::neighbour_solicitation, 0, 0, body});
}

frame answers(const ipv6_address& who, const ipv6_address& to, bool is_router = false) {
  frame body(wire::neighbour_advertisement::largest_size);
  const wire::neighbour_advertisement a{.target = who,
                                        .is_router = is_router,
                                        .is_solicited = !to.is_multicast(),
                                        .overrides = true,
                                        .target_mac = peer_mac};
  body.resize(a.emit(body));
  return icmp_frame(who, to, {wire::icmpv6::neighbour_advertisement, 0, a.flags(), body});
}

struct announced {
  std::uint16_t lifetime = 1800;
  std::uint32_t valid = 86400, preferred = 14400;
  std::uint32_t mtu = 0;
  std::uint8_t flags = 0xc0;
};
frame advertises(const announced& a = {}, const ipv6_address& from = router, std::uint8_t hop_limit = 255) {
  frame body(8 + 8 + 8 + 32);
  wire::store8(body, 8, 1);
  wire::store8(body, 9, 1);
  std::ranges::copy(std::as_bytes(std::span{peer_mac.bytes}), body.begin() + 10);
  wire::store8(body, 16, 5);
  wire::store8(body, 17, 1);
  wire::store32(body, 20, a.mtu);
  wire::store8(body, 24, 3);
  wire::store8(body, 25, 4);
  wire::store8(body, 26, 64);
  wire::store8(body, 27, a.flags);
  wire::store32(body, 28, a.valid);
  wire::store32(body, 32, a.preferred);
  constexpr ipv6_address network{0x2001, 0xdb8, 0, 5, 0, 0, 0, 0};
  std::ranges::copy(std::as_bytes(std::span{network.bytes}), body.begin() + 40);
  return icmp_frame(from, ipv6_address::all_nodes(),
                    {wire::icmpv6::router_advertisement, 0, a.lifetime, body}, hop_limit);
}

frame udp_frame(const ipv6_address& from, const ipv6_address& to, std::uint16_t port, std::size_t size) {
  const frame text(size, std::byte{'x'});
  frame body(8);
  wire::udp{9, port, text}.emit(body, from, to);
  body.insert(body.end(), text.begin(), text.end());
  return ip_frame({.source = from, .destination = to, .protocol = wire::ipv6::udp}, body);
}

// The stack is the right end of a link; the test is the left one.
struct world {
  virtual_link link{1, {}};
  aster::abi::net_device& device = link.left();
  engine stack;
  time_point now{};

  explicit world(std::string_view text = fixed, bool probe_first = false)
      : stack(
            link.right(),
            {.address = *configuration::parse(text), .host_name = "", .probe_first = probe_first, .tcp = {}},
            {1, 2}) {
    stack.start(now);
  }
  static bool is_ipv6(const frame& f) { return wire::load16(f, 12) == wire::ethernet::type_ipv6; }

  std::deque<frame> step(duration d = duration::zero()) {
    const time_point until = now + d;
    std::deque<frame> seen;
    for (;;) {
      link.deliver(now);
      while (stack.receive(now)) {
      }
      stack.flush(now);
      link.deliver(now);
      std::array<aster::abi::received_frame, 4> frames;
      while (const std::size_t n = device.receive(frames)) {
        for (std::size_t i = 0; i < n; ++i) {
          frame f(frames[i].frame.begin(), frames[i].frame.end());
          if (is_ipv6(f)) seen.push_back(std::move(f));
          device.release(frames[i]);
        }
      }
      if (now == until) return seen;
      now = std::min(until, std::max(now, stack.deadline()));
    }
  }
  std::deque<frame> send(const frame& f) {
    const wire::bytes piece = f;
    REQUIRE(device.transmit({}, {&piece, 1}));
    device.flush();
    return step();
  }
  /// Until the host has said all that it says by itself.
  world& settled() {
    step(20s);
    return *this;
  }
  std::uint64_t count(counter c) const { return stack.counters()[c]; }
  const autoconfiguration& state() { return stack.attachments().front()->interface().ipv6()->state(); }
  std::optional<ipv6_address> made() {
    for (const auto& h : state().addresses())
      if (h.address.prefix(64) == ipv6_address{0x2001, 0xdb8, 0, 5, 0, 0, 0, 0}) return h.address;
    return std::nullopt;
  }
};

struct seen_message {
  wire::ipv6 ip;
  wire::icmpv6 icmp;
};
seen_message message_in(const frame& f) {
  const auto ip = wire::ipv6::parse(wire::bytes{f}.subspan(14));
  REQUIRE(ip);
  REQUIRE(ip->header.protocol == wire::ipv6::icmp);
  const auto m = wire::icmpv6::parse(ip->payload, ip->header.source, ip->header.destination);
  REQUIRE(m);
  return {ip->header, *m};
}
std::vector<seen_message> messages_of(const std::deque<frame>& frames, std::uint8_t type) {
  std::vector<seen_message> found;
  for (const frame& f : frames) {
    const auto ip = wire::ipv6::parse(wire::bytes{f}.subspan(14));
    if (!ip || ip->header.protocol != wire::ipv6::icmp) continue;
    const auto m = message_in(f);
    if (m.icmp.type == type) found.push_back(m);
  }
  return found;
}

const frame echo_data(3, std::byte{'e'});
frame pings(const ipv6_address& from, const ipv6_address& to) {
  return icmp_frame(from, to, {wire::icmpv6::echo_request, 0, 0x00010002, echo_data}, 64);
}

}  // namespace

// --- Neighbours -------------------------------------------------------------------------------------------

TEST_CASE("at first addresses are asked about, groups reported and routers looked for") {
  world w{"ip=10.0.0.2/24"};
  const auto seen = w.step(20s);
  const auto probes = messages_of(seen, wire::icmpv6::neighbour_solicitation);
  REQUIRE(probes.size() == 1);  // of the address of the link
  CHECK(probes[0].ip.source.is_unspecified());
  CHECK(probes[0].ip.hop_limit == 255);
  const auto s = wire::neighbour_solicitation::parse(probes[0].icmp);
  REQUIRE(s);
  CHECK(s->target.is_link_local());
  CHECK(s->nonce);
  CHECK_FALSE(s->source_mac);
  CHECK(probes[0].ip.destination == s->target.solicited_node());
  CHECK(messages_of(seen, wire::icmpv6::router_solicitation).size() == 3);
  const auto reports = messages_of(seen, wire::icmpv6::listener_report);
  REQUIRE(reports.size() == 2);  // said twice
  CHECK(reports[0].ip.hop_limit == 1);
  CHECK(reports[0].ip.destination == multicast_listeners::all_reporters);
  CHECK(reports[0].icmp.rest == 1);
  CHECK(w.step(100s).empty());
}

TEST_CASE("an address that somebody has is not taken, and another is made (RFC 7217 §6)") {
  world w{"ip=10.0.0.2/24", true};
  w.step();
  const ipv6_address first = w.state().addresses().front().address;
  CHECK_FALSE(w.state().owns(first));
  w.send(answers(first, ipv6_address::all_nodes()));
  CHECK(w.count(counter::ndp_conflict) == 1);
  CHECK_FALSE(w.state().find(first));
  const ipv6_address second = w.state().addresses().front().address;
  CHECK(second != first);
  w.send(asks({}, second, 7));  // somebody wants it at the same time
  CHECK_FALSE(w.state().find(second));
  const ipv6_address third = w.state().addresses().front().address;
  w.step(2s);
  CHECK(w.state().owns(third));
  w.send(answers(third, ipv6_address::all_nodes()));  // too late
  CHECK(w.state().owns(third));
}

TEST_CASE(
    "an address that is used while it is asked about is given up when somebody has it (RFC 4429 §3.3)") {
  world w{"ip=10.0.0.2/24"};
  w.step();
  const ipv6_address first = w.state().addresses().front().address;
  CHECK(w.state().owns(first));
  // He who has it says so from that very address: no other packet of his is heard.
  CHECK(w.send(pings(first, first)).empty());
  CHECK(w.count(counter::ipv6_source) == 1);
  w.send(answers(first, ipv6_address::all_nodes()));
  CHECK(w.count(counter::ndp_conflict) == 1);
  CHECK_FALSE(w.state().find(first));
  const ipv6_address second = w.state().addresses().front().address;
  CHECK(second != first);
  CHECK(w.state().owns(second));
}

TEST_CASE("our own question that comes round is no conflict (RFC 7527)") {
  world w{"ip=10.0.0.2/24"};
  const auto probes = messages_of(w.step(), wire::icmpv6::neighbour_solicitation);
  REQUIRE(probes.size() == 1);
  const auto s = wire::neighbour_solicitation::parse(probes[0].icmp);
  w.send(asks({}, s->target, s->nonce));
  CHECK(w.state().find(s->target));
  CHECK(w.count(counter::ndp_conflict) == 0);
}

TEST_CASE("who asks for us is answered, and known from then on") {
  world w;
  w.settled();
  const auto seen = w.send(asks(peer, ours));
  REQUIRE(seen.size() == 1);
  const auto m = message_in(seen[0]);
  const auto a = wire::neighbour_advertisement::parse(m.icmp);
  REQUIRE(a);
  CHECK(*a == wire::neighbour_advertisement{ours, false, true, true, our_mac});
  CHECK(m.ip.destination == peer);
  CHECK(m.ip.hop_limit == 255);
  const auto echo = w.send(pings(peer, ours));
  REQUIRE(echo.size() == 1);  // without a question in between
  CHECK(message_in(echo[0]).icmp.type == wire::icmpv6::echo_reply);
  CHECK(message_in(echo[0]).icmp.rest == 0x00010002);
  // What others said in its name is made sure of after five seconds.
  const auto later = w.step(6s);
  const auto probes = messages_of(later, wire::icmpv6::neighbour_solicitation);
  REQUIRE(probes.size() >= 1);
  CHECK(probes[0].ip.destination == peer);
  CHECK(wire::neighbour_solicitation::parse(probes[0].icmp)->source_mac == our_mac);
}

TEST_CASE("two that have nothing to say to each other stop asking whether the other is there") {
  virtual_link link{1, {}};
  engine a{
      link.left(),
      {.address = *configuration::parse("ip=10.0.0.1/24,ip6=2001:db8::1/64"), .host_name = "", .tcp = {}},
      {1, 2}};
  engine b{
      link.right(),
      {.address = *configuration::parse("ip=10.0.0.2/24,ip6=2001:db8::2/64"), .host_name = "", .tcp = {}},
      {3, 4}};
  time_point now{};
  const auto run_until = [&](time_point end) {
    while (now < end) {
      link.deliver(now);
      for (engine* e : {&a, &b}) {
        while (e->receive(now)) {
        }
        e->flush(now);
      }
      now = std::min(end, std::max(now + 1us, std::min({a.deadline(), b.deadline(), link.next_arrival()})));
    }
  };
  a.start(now);
  b.start(now);
  run_until(time_point{30s});
  udp_port* port = a.udp().bind(7);
  REQUIRE(a.udp().send(port->number(), {ours, 9}, {}, now));
  run_until(now + 5min);
  const std::size_t frames = link.frames();
  run_until(now + 1h);
  CHECK(link.frames() == frames);
  CHECK(a.deadline() == never);
  CHECK(b.deadline() == never);
}

TEST_CASE("who wants our address is told that it is taken") {
  world w;
  w.settled();
  const auto seen = w.send(asks({}, ours, 5));
  REQUIRE(seen.size() == 1);
  CHECK(message_in(seen[0]).ip.destination == ipv6_address::all_nodes());
  CHECK(w.state().owns(ours));
}

TEST_CASE("a neighbour is asked for three times, then given up") {
  world w;
  w.settled();
  auto seen = w.send(pings(peer, ours));
  const auto more = w.step(5s);
  seen.insert(seen.end(), more.begin(), more.end());
  const auto questions = messages_of(seen, wire::icmpv6::neighbour_solicitation);
  CHECK(questions.size() == 3);
  CHECK(questions[0].ip.destination == peer.solicited_node());
  CHECK(w.count(counter::arp_unresolved) == 1);
  w.send(pings(peer, ours));
  const auto answered = w.send(answers(peer, ours));
  REQUIRE(answered.size() == 1);  // what waited
  CHECK(message_in(answered[0]).icmp.type == wire::icmpv6::echo_reply);
}

TEST_CASE("thousands that are not there do not push out who is (RFC 6583 §4)") {
  world w;
  w.settled();
  w.send(asks(peer, ours));
  for (std::uint16_t i = 0; i < 3000; ++i)
    w.send(pings({0x2001, 0xdb8, 0, 0, 7, 7, 7, static_cast<std::uint16_t>(i + 1)}, ours));
  const auto known = w.send(pings(peer, ours));
  REQUIRE(known.size() == 1);
  CHECK(message_in(known[0]).icmp.type == wire::icmpv6::echo_reply);
  // Nor do frames that wait for them take the place of those that will be answered.
  const ipv6_address late{0x2001, 0xdb8, 0, 0, 0, 0, 0, 77};
  CHECK(messages_of(w.send(pings(late, ours)), wire::icmpv6::neighbour_solicitation).size() == 1);
  const auto seen = w.send(answers(late, ours));
  REQUIRE(seen.size() == 1);
  CHECK(message_in(seen[0]).icmp.type == wire::icmpv6::echo_reply);
}

TEST_CASE("neighbour discovery from beyond the link is dropped") {
  world w;
  w.settled();
  frame body(wire::neighbour_solicitation::largest_size);
  body.resize(wire::neighbour_solicitation{.target = ours, .source_mac = peer_mac}.emit(body));
  CHECK(
      w.send(icmp_frame(peer, ours.solicited_node(), {wire::icmpv6::neighbour_solicitation, 0, 0, body}, 254))
          .empty());
  CHECK(w.count(counter::ndp_malformed) == 1);
}

// --- Routers ----------------------------------------------------------------------------------------------

TEST_CASE("of what a router announces addresses and ways are made") {
  world w{"ip=10.0.0.2/24"};
  w.settled();
  CHECK_FALSE(w.state().router());
  w.send(advertises({.mtu = 1400}));
  CHECK(w.state().router() == router);
  REQUIRE(w.made());
  CHECK(w.state().owns(*w.made()));
  CHECK(w.state().mtu() == 1400);
  CHECK(w.stack.routes().source_for(far) == ip_address{*w.made()});
  CHECK(w.state().next_hop(far) == router);
  CHECK(w.state().next_hop({0x2001, 0xdb8, 0, 5, 0, 0, 0, 9}) ==
        ipv6_address{0x2001, 0xdb8, 0, 5, 0, 0, 0, 9});
  // A second start of the same machine makes the same address, another network another identifier.
  world again{"ip=10.0.0.2/24"};
  again.send(advertises());
  CHECK(again.made() == w.made());
  CHECK(again.made()->group(7) != again.state().link_local()->group(7));
  // It goes when it is not announced any more.
  w.step(1801s);
  CHECK_FALSE(w.state().router());
  w.step(86400s);
  CHECK_FALSE(w.made());
}

TEST_CASE("from an address in doubt neighbours are reached through the router (RFC 4429 §3.2)") {
  world w{"ip=10.0.0.2/24"};
  w.settled();
  w.send(advertises());
  REQUIRE(w.made());
  const ipv6_address near{0x2001, 0xdb8, 0, 5, 0, 0, 0, 9};
  udp_port* port = w.stack.udp().bind(7);
  const auto sends = [&] {
    REQUIRE(w.stack.udp().send(port->number(), {near, 9}, {}, w.now));
    return w.step();
  };
  auto seen = sends();
  REQUIRE(seen.size() == 1);
  CHECK(wire::ethernet::parse(seen[0])->destination == peer_mac);
  CHECK(wire::load8(seen[0], 14 + 6) == wire::ipv6::udp);
  w.step(2s);  // nobody has it
  seen = sends();
  CHECK(messages_of(seen, wire::icmpv6::neighbour_solicitation).size() == 1);
  CHECK(seen.size() == 1);
}

TEST_CASE("a forged advertisement does not take an address away at once (RFC 4862 §5.5.3)") {
  world w{"ip=10.0.0.2/24"};
  w.send(advertises());
  w.send(advertises({.valid = 1, .preferred = 0}));
  w.step(2h - 1s);
  CHECK(w.made());
  w.step(2s);
  CHECK_FALSE(w.made());
}

TEST_CASE("advertisements that no router of this link sends are dropped") {
  world w{"ip=10.0.0.2/24"};
  w.send(advertises({}, peer));
  w.send(advertises({}, router, 64));
  CHECK(w.count(counter::ndp_malformed) == 2);
  CHECK_FALSE(w.made());
  w.send(advertises({.valid = 10, .preferred = 20}));  // preferred longer than valid
  CHECK_FALSE(w.made());
  w.send(advertises({.lifetime = 0}));
  CHECK_FALSE(w.state().router());
}

TEST_CASE("a router that is none any more, or does not answer, is not used") {
  world w{"ip=10.0.0.2/24"};
  w.settled();
  constexpr ipv6_address second{0xfe80, 0, 0, 0, 0, 0, 0, 2};
  w.send(advertises());
  w.send(advertises({}, second));
  CHECK(w.state().router() == router);
  w.send(answers(router, ipv6_address::all_nodes(), false));
  CHECK(w.state().router() == second);
  w.send(advertises());
  w.step(5s);
  w.step(5s);  // the second one was asked whether it is there, and is silent
  CHECK(w.state().router());
}

TEST_CASE("what a stranger makes a host remember is limited") {
  world w{"ip=10.0.0.2/24"};
  for (std::uint16_t i = 1; i < 100; ++i) w.send(advertises({}, {0xfe80, 0, 0, 0, 0, 0, 0, i}));
  CHECK(w.count(counter::ndp_limit) == 99 - autoconfiguration::router_limit);
}

// --- Packets ----------------------------------------------------------------------------------------------

TEST_CASE("IPv6 packets that are not for us or make no sense are dropped and counted") {
  world w;
  w.settled();
  const auto dropped = [&](const frame& f, counter why) {
    const auto before = w.count(why);
    CHECK(w.send(f).empty());
    CHECK(w.count(why) == before + 1);
  };
  dropped(udp_frame(peer, far, 7, 4), counter::ipv6_not_for_us);
  dropped(udp_frame(peer, {0xff02, 0, 0, 0, 0, 0, 0, 0x99}, 7, 4), counter::ipv6_not_for_us);
  dropped(udp_frame({0xff02, 0, 0, 0, 0, 0, 0, 1}, ours, 7, 4), counter::ipv6_source);
  dropped(udp_frame(ours, ours, 7, 4), counter::ipv6_source);
  dropped(udp_frame({0, 0, 0, 0, 0, 0, 0, 1}, ours, 7, 4), counter::ipv6_source);
  dropped(udp_frame({0, 0, 0, 0, 0, 0xffff, 0x0a00, 1}, ours, 7, 4), counter::ipv6_source);
  auto f = udp_frame(peer, ours, 7, 4);
  f.resize(50);
  dropped(f, counter::ipv6_malformed);
  f = udp_frame(peer, ours, 7, 4);
  f[0] = std::byte{2};
  dropped(f, counter::ethernet_not_for_us);
  CHECK(w.send(pings(peer, ipv6_address::all_nodes())).empty());
}

TEST_CASE("errors are told to whom they concern, quoting what they are about") {
  world w;
  w.settled();
  w.send(asks(peer, ours));
  const auto closed = w.send(udp_frame(peer, ours, 7, 4));
  REQUIRE(closed.size() == 1);
  auto m = message_in(closed[0]);
  CHECK(m.icmp.type == wire::icmpv6::unreachable);
  CHECK(m.icmp.code == wire::icmpv6::port_unreachable);
  CHECK(m.icmp.payload.size() == 52);
  const auto unknown = w.send(ip_frame({.source = peer, .destination = ours, .protocol = 200}, frame(8)));
  REQUIRE(unknown.size() == 1);
  m = message_in(unknown[0]);
  CHECK(m.icmp.type == wire::icmpv6::parameter_problem);
  CHECK(m.icmp.code == 1);
  CHECK(m.icmp.rest == 6);
  frame routed(24);
  routed[0] = std::byte{59};
  routed[1] = std::byte{2};
  routed[3] = std::byte{1};
  const auto refused = w.send(ip_frame({.source = peer, .destination = ours, .protocol = 43}, routed));
  REQUIRE(refused.size() == 1);
  CHECK(message_in(refused[0]).icmp.rest == 42);
  CHECK(w.count(counter::ipv6_refused) == 1);
  // Not about errors, and not without end.
  CHECK(w.send(icmp_frame(peer, ours, {wire::icmpv6::unreachable, 4, 0, frame(60)}, 64)).empty());
  std::size_t told = 0;
  for (int i = 0; i < 100; ++i) told += w.send(udp_frame(peer, ours, 7, 4)).size();
  CHECK(told <= 20);
  CHECK(w.count(counter::icmp_rate_limited) >= 80);
}

TEST_CASE("datagrams are cut to what every link takes, and put together again") {
  world w;
  w.settled();
  w.send(asks(router, ours));
  w.send(asks(peer, ours));
  udp_port* port = w.stack.udp().bind(7);
  REQUIRE(w.stack.udp().send(7, {far, 7}, frame(3000, std::byte{'x'}), w.now));
  const auto cut = w.step();
  REQUIRE(cut.size() == 3);
  for (const frame& f : cut) CHECK(f.size() <= 14 + 1280);
  REQUIRE(w.stack.udp().send(7, {peer, 9}, frame(1400), w.now));
  CHECK(w.step().size() == 1);  // a neighbour takes what the link takes

  // The same fragments come back with the ends exchanged.
  for (frame f : cut) {
    wire::ethernet{our_mac, peer_mac, wire::ethernet::type_ipv6}.emit(f);
    std::swap_ranges(f.begin() + 22, f.begin() + 38, f.begin() + 38);
    w.send(f);
  }
  REQUIRE_FALSE(port->empty());
  const datagram d = port->pop();
  CHECK(d.from == endpoint{far, 7});
  CHECK(d.payload == frame(3000, std::byte{'x'}));
}

TEST_CASE("two stacks talk TCP over IPv6, with and without offloads") {
  // Nothing; large segments that the link cuts; large segments that arrive whole.
  for (const link_ends& ends : {link_ends{}, link_ends{.checksum_offload = true, .tso = true},
                                link_ends{.checksum_offload = true, .tso = true, .receive_offload = true}}) {
    CAPTURE(ends.receive_offload);
    virtual_link link{3, {.loss = 0.01, .delay = 5ms}, ends};
    const auto options = [](const char* text) {
      engine_options o;
      o.address = *configuration::parse(text);
      return o;
    };
    engine left{link.left(), options("ip=10.0.0.1/24,ip6=2001:db8::1/64"), {1, 2}};
    engine right{link.right(), options("ip=10.0.0.2/24,ip6=2001:db8::2/64"), {3, 4}};
    time_point now{};
    left.start(now);
    right.start(now);
    tcp::acceptor* a = right.tcp().listen(80, 8);
    tcp::connection* c = left.tcp().connect(peer, {ours, 80}, now).value();
    tcp::connection* accepted = nullptr;
    frame sent(400'000), got;
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::byte>(i * 7 >> 3);
    std::size_t written = 0;
    while (got.size() < sent.size() && now < time_point{60s}) {
      if (c->state() == tcp::state::established && written < sent.size()) {
        written += c->write(std::span{sent}.subspan(written)).value();
        left.tcp().touched(*c);
      }
      if (accepted == nullptr) accepted = right.tcp().accept(*a);
      frame part(65536);
      while (accepted != nullptr) {
        const std::size_t n = accepted->read(part);
        if (n == 0) break;
        got.insert(got.end(), part.begin(), part.begin() + static_cast<long>(n));
        right.tcp().touched(*accepted);
      }
      left.flush(now);
      right.flush(now);
      const auto next = std::min({link.next_arrival(), left.deadline(), right.deadline()});
      now = std::max(now, next);
      link.deliver(now);
      left.receive(now);
      right.receive(now);
    }
    CHECK(got == sent);
    CHECK(accepted->id().remote.address == ip_address{peer});
    CHECK(right.counters()[counter::tcp_checksum] == 0);
  }
}

TEST_CASE("packet too big lowers the segment size, not below what every link takes (RFC 8201)") {
  world w;
  w.settled();
  w.send(asks(router, ours));
  tcp::connection* c = w.stack.tcp().connect(ours, {far, 80}, w.now).value();
  const auto syn = w.step();
  REQUIRE(syn.size() == 1);
  const auto complain = [&](std::uint32_t mtu) {
    const frame quote{syn[0].begin() + 14, syn[0].end()};
    w.send(icmp_frame(router, ours, {wire::icmpv6::packet_too_big, 0, mtu, quote}, 64));
  };
  const auto before = c->info().segment_size;
  CHECK(before == 1440);
  complain(1000);
  CHECK(c->info().segment_size == before);
  complain(1300);
  CHECK(c->info().segment_size == 1240);
  w.stack.tcp().release(*c, w.now);
}

TEST_CASE("IPv6 can be left out") {
  world w{"ip=10.0.0.2/24,ip6=off"};
  CHECK(w.step(20s).empty());
  CHECK(w.send(asks(peer, ours)).empty());
  CHECK(w.count(counter::ethernet_unknown_type) == 1);
}
