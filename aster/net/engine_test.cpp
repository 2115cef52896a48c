// A whole stack against frames that the test makes: ARP, ICMP, UDP, DHCP, and what must be dropped.
#include "aster/net/engine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "aster/net/virtual_link.hpp"
#include "aster/net/wire/checksum.hpp"

using namespace aster::net;
using namespace std::chrono_literals;

namespace {

using frame = std::vector<std::byte>;
constexpr ipv4_address ours{10, 0, 0, 2}, peer{10, 0, 0, 1}, gateway{10, 0, 0, 254}, far{192, 168, 7, 7};
constexpr mac_address peer_mac{{0x52, 0x54, 0, 0, 0, 1}}, our_mac{{0x52, 0x54, 0, 0, 0, 2}},
    gateway_mac{{2, 0, 0, 0, 0, 9}};

// The stack is the right end of a link; the test is the left one.
struct world {
  virtual_link link{1, {}};
  aster::abi::net_device& device = link.left();
  engine stack;
  time_point now{};

  explicit world(std::string_view configuration_text = "ip=10.0.0.2/24,gateway=10.0.0.254,ip6=off")
      : stack(link.right(),
              {.address = *configuration::parse(configuration_text), .host_name = "", .tcp = {}}, {1, 2}) {
    stack.start(now);
    step();
    if (!configuration_text.empty()) step(2s);  // until it has said all about its address
  }

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
          seen.emplace_back(frames[i].frame.begin(), frames[i].frame.end());
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
  std::uint64_t count(counter c) const { return stack.counters()[c]; }
};

frame arp_frame(const wire::arp& a, mac_address to = mac_address::broadcast()) {
  frame f(42);
  wire::ethernet{to, a.sender_mac, wire::ethernet::type_arp}.emit(f);
  a.emit(std::span{f}.subspan(14));
  return f;
}

frame ip_frame(wire::ipv4 h, const frame& payload, mac_address from = peer_mac, mac_address to = our_mac) {
  frame f(34);
  h.payload_size = static_cast<std::uint16_t>(payload.size());
  wire::ethernet{to, from, wire::ethernet::type_ipv4}.emit(f);
  h.emit(std::span{f}.subspan(14));
  f.insert(f.end(), payload.begin(), payload.end());
  return f;
}

frame udp_payload(std::uint16_t from, std::uint16_t to, std::string_view text, ipv4_address source,
                  ipv4_address destination) {
  frame f(8);
  const auto bytes = std::as_bytes(std::span{text});
  wire::udp{from, to, bytes}.emit(f, source, destination);
  f.insert(f.end(), bytes.begin(), bytes.end());
  return f;
}

frame echo_payload(std::string_view text) {
  frame f(8);
  const auto bytes = std::as_bytes(std::span{text});
  wire::icmp{wire::icmp::echo_request, 0, 0x00010002, bytes}.emit(f);
  f.insert(f.end(), bytes.begin(), bytes.end());
  return f;
}

std::optional<wire::arp> arp_in(const frame& f) {
  const auto e = wire::ethernet::parse(f);
  return e && e->type == wire::ethernet::type_arp ? wire::arp::parse(wire::bytes{f}.subspan(14))
                                                  : std::nullopt;
}

wire::ipv4::parsed ip_in(const frame& f) {
  const auto parsed = wire::ipv4::parse(wire::bytes{f}.subspan(14));
  REQUIRE(parsed);
  return *parsed;
}

// The same packet as a link of 1,500 bytes would have it.
std::vector<frame> fragments_of(const frame& f) {
  const wire::bytes piece = f;
  packet_cutter cut{{&piece, 1}, 1500, 0};
  std::vector<frame> out;
  while (const auto fragment = cut.next()) {
    frame& one = out.emplace_back();
    for (const wire::bytes part : *fragment) one.insert(one.end(), part.begin(), part.end());
  }
  return out;
}

constexpr wire::ipv4 from_peer{.source = peer, .destination = ours, .protocol = wire::ipv4::udp};
constexpr wire::arp peer_asks{wire::arp::operation::request, peer_mac, peer, {}, ours};

}  // namespace

// --- ARP --------------------------------------------------------------------------------------------------

TEST_CASE("an address is announced when it is taken") {
  virtual_link link{1, {}};
  engine stack{link.right(),
               {.address = *configuration::parse("ip=10.0.0.2/24,ip6=off"), .host_name = "", .tcp = {}},
               {1, 2}};
  std::optional<wire::arp> announced;
  link.tap = [&](bool, const aster::abi::net_header&, std::span<const std::byte> f) {
    announced = wire::arp::parse(f.subspan(14));
  };
  stack.start(time_point{});
  CHECK(announced == wire::arp{wire::arp::operation::request, our_mac, ours, {}, ours});
}

TEST_CASE("an address that is probed first is nobody's until it is ours") {
  virtual_link link{1, {}};
  engine stack{link.right(),
               {.address = *configuration::parse("ip=10.0.0.2/24,ip6=off"),
                .host_name = "",
                .probe_first = true,
                .tcp = {}},
               {1, 2}};
  std::size_t probes = 0, others = 0;
  link.tap = [&](bool, const aster::abi::net_header&, std::span<const std::byte> f) {
    const auto a = wire::arp::parse(f.subspan(14));
    (a && a->sender_ip.is_unspecified() ? probes : others) += 1;
  };
  stack.start(time_point{});
  for (time_point now{}; !stack.address(); now = stack.deadline()) {
    REQUIRE(now < time_point{} + 7s);
    CHECK(others == 0);
    while (stack.receive(now)) {
    }
    stack.flush(now);
  }
  CHECK(probes == 3);
  CHECK(others == 1);
}

TEST_CASE("we answer who asks for us, and nobody else") {
  world w;
  const auto answer = w.send(arp_frame(peer_asks));
  REQUIRE(answer.size() == 1);
  CHECK(wire::ethernet::parse(answer[0])->destination == peer_mac);
  CHECK(arp_in(answer[0]) == wire::arp{wire::arp::operation::reply, our_mac, ours, peer_mac, peer});
  CHECK(w.send(arp_frame({wire::arp::operation::request, peer_mac, peer, {}, {10, 0, 0, 77}})).empty());
  CHECK(w.send(frame(20)).empty());
}

TEST_CASE("who asked for us need not be asked") {
  world w;
  w.send(arp_frame(peer_asks));
  const auto answer = w.send(
      ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::icmp}, echo_payload("x")));
  REQUIRE(answer.size() == 1);
  CHECK_FALSE(arp_in(answer[0]));
}

TEST_CASE("packets wait for their neighbour's answer, and then leave in order") {
  world w;
  w.stack.udp().bind(7);
  const auto hello = std::as_bytes(std::span{std::string_view{"hello"}});
  for (std::uint16_t port = 1; port <= 5; ++port) CHECK(w.stack.udp().send(7, {peer, port}, hello, w.now));
  auto seen = w.step();
  REQUIRE(seen.size() == 1);  // one question, whatever waits
  CHECK(arp_in(seen[0]) == wire::arp{wire::arp::operation::request, our_mac, ours, {}, peer});
  CHECK(w.count(counter::arp_queue_full) == 1);
  seen = w.send(arp_frame({wire::arp::operation::reply, peer_mac, peer, our_mac, ours}, our_mac));
  REQUIRE(seen.size() == 4);
  for (std::uint16_t i = 0; i < 4; ++i) {
    CHECK(wire::ethernet::parse(seen[i])->destination == peer_mac);
    const auto ip = ip_in(seen[i]);
    const auto u = wire::udp::parse(ip.payload, ip.header.source, ip.header.destination);
    REQUIRE(u);
    CHECK(u->destination_port == i + 2);  // the oldest has made way (RFC 4861 §7.2.2)
    CHECK(std::ranges::equal(u->payload, hello));
  }
}

TEST_CASE("a neighbour that does not answer is asked three times, and connecting to it fails") {
  world w;
  const auto c = w.stack.tcp().connect(ours, {peer, 80}, w.now);
  REQUIRE(c);
  const auto asked = w.step(2999ms);
  CHECK(std::ranges::count_if(asked, [](const frame& f) { return arp_in(f).has_value(); }) == 3);
  CHECK((*c)->is_open());
  w.step(1ms);
  CHECK((*c)->failure() == error::unreachable);
  CHECK(w.count(counter::arp_unresolved) == 2);  // the SYN and its repetition
  w.stack.tcp().release(**c, w.now);
}

TEST_CASE("a neighbour in use is asked again before it would be forgotten, by unicast, and traffic goes on") {
  world w;
  w.send(arp_frame(peer_asks));
  std::size_t asked = 0;
  for (int i = 0; i < 720; ++i) {
    for (const auto& f : w.step(5s)) {
      const auto a = arp_in(f);
      if (!a) continue;
      ++asked;
      CHECK(wire::ethernet::parse(f)->destination == peer_mac);
      w.send(arp_frame({wire::arp::operation::reply, peer_mac, peer, our_mac, ours}, our_mac));
    }
    const auto answer = w.send(
        ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::icmp}, echo_payload("x")));
    REQUIRE(answer.size() == 1);
    CHECK_FALSE(arp_in(answer[0]));
  }
  CHECK(asked >= 11);
  CHECK(asked <= 14);
}

TEST_CASE("a neighbour that nobody talks to is forgotten without a word") {
  world w;
  w.send(arp_frame(peer_asks));
  CHECK(w.step(20min).empty());
  const auto answer = w.send(
      ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::icmp}, echo_payload("x")));
  REQUIRE(answer.size() == 1);
  CHECK(arp_in(answer[0]));
}

TEST_CASE("gossip updates what is known and adds nothing") {
  world w;
  w.send(arp_frame({wire::arp::operation::request, peer_mac, peer, {}, {10, 0, 0, 77}}));
  auto seen = w.send(
      ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::icmp}, echo_payload("x")));
  REQUIRE(seen.size() == 1);
  CHECK(arp_in(seen[0]));  // still unknown
  w.send(arp_frame({wire::arp::operation::reply, peer_mac, peer, our_mac, ours}, our_mac));
  w.send(arp_frame(
      {wire::arp::operation::request, gateway_mac, peer, {}, peer}));  // it has moved, and announces that
  seen = w.send(
      ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::icmp}, echo_payload("x")));
  REQUIRE(seen.size() == 1);
  CHECK(wire::ethernet::parse(seen[0])->destination == gateway_mac);
}

TEST_CASE("who claims our address is told once in ten seconds, and counted") {
  world w;
  const frame claim = arp_frame({wire::arp::operation::request, peer_mac, ours, {}, ours});
  w.step(11s);
  CHECK(w.send(claim).size() == 1);
  CHECK(w.send(claim).empty());
  w.step(10s);
  CHECK(w.send(claim).size() == 1);
  CHECK(w.count(counter::arp_conflict) == 3);
}

TEST_CASE("addresses that no neighbour can have are not learned") {
  world w;
  w.send(arp_frame({wire::arp::operation::request, peer_mac, far, {}, ours}));
  w.send(arp_frame({wire::arp::operation::request, mac_address::broadcast(), peer, {}, ours}));
  const auto seen = w.send(
      ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::icmp}, echo_payload("x")));
  REQUIRE(seen.size() == 1);
  CHECK(arp_in(seen[0])->target_ip == peer);
}

TEST_CASE("what is far goes to the gateway") {
  world w;
  w.stack.udp().bind(7);
  CHECK(w.stack.udp().send(7, {far, 9}, {}, w.now));
  auto seen = w.step();
  REQUIRE(seen.size() == 1);
  CHECK(arp_in(seen[0])->target_ip == gateway);
  seen = w.send(arp_frame({wire::arp::operation::reply, gateway_mac, gateway, our_mac, ours}, our_mac));
  REQUIRE(seen.size() == 1);
  CHECK(wire::ethernet::parse(seen[0])->destination == gateway_mac);
  CHECK(ip_in(seen[0]).header.destination == far);

  world alone{"ip=10.0.0.2/24,ip6=off"};
  CHECK(alone.stack.udp().send(7, {far, 9}, {}, alone.now).error() == error::unreachable);
  CHECK(alone.count(counter::ipv4_no_route) == 1);
}

// --- IPv4: what is dropped, and why
// -------------------------------------------------------------------------

TEST_CASE("packets that are not for us, from nobody, or badly cut are dropped and counted") {
  world w;
  w.send(arp_frame(peer_asks));
  w.stack.udp().bind(7);
  const auto dropped = [&](const frame& f, counter why) {
    const auto before = w.count(why);
    CHECK(w.send(f).empty());
    CHECK_MESSAGE(w.count(why) == before + 1, std::string{to_string(why)});
    CHECK(w.count(counter::udp_received) == 0);
  };
  const frame u = udp_payload(9, 7, "x", peer, ours);
  auto h = from_peer;
  h.destination = {10, 0, 0, 3};
  dropped(ip_frame(h, u), counter::ipv4_not_for_us);
  h.destination = {224, 0, 0, 1};
  dropped(ip_frame(h, u), counter::ipv4_not_for_us);
  dropped(ip_frame(from_peer, u, peer_mac, mac_address::broadcast()), counter::ipv4_not_for_us);
  dropped(ip_frame(from_peer, u, peer_mac, gateway_mac), counter::ethernet_not_for_us);
  for (const ipv4_address source : {ours,
                                    ipv4_address{127, 0, 0, 1},
                                    {224, 1, 1, 1},
                                    {255, 255, 255, 255},
                                    {10, 0, 0, 255},
                                    {0, 0, 0, 1}}) {
    h = from_peer;
    h.source = source;
    dropped(ip_frame(h, u), counter::ipv4_source);
  }
  h = from_peer;
  h.more_fragments = true;  // and nine bytes long: no sender cuts there
  dropped(ip_frame(h, u), counter::fragments_malformed);
  frame cut = ip_frame(from_peer, u);
  cut.pop_back();
  dropped(cut, counter::ipv4_malformed);
  frame flipped = ip_frame(from_peer, u);
  flipped[22] ^= std::byte{1};  // TTL
  dropped(flipped, counter::ipv4_checksum);
  dropped(frame(13), counter::ethernet_malformed);
  frame other = ip_frame(from_peer, u);
  other[12] = std::byte{0x86};
  dropped(other, counter::ethernet_unknown_type);
  CHECK(w.send(ip_frame(from_peer, u)).empty());
  CHECK(w.count(counter::udp_received) == 1);
}

TEST_CASE("an unknown protocol is answered by ICMP") {
  world w;
  w.send(arp_frame(peer_asks));
  auto h = from_peer;
  h.protocol = 99;
  const auto seen = w.send(ip_frame(h, frame(20)));
  REQUIRE(seen.size() == 1);
  const auto message = wire::icmp::parse(ip_in(seen[0]).payload);
  REQUIRE(message);
  CHECK(message->type == wire::icmp::unreachable);
  CHECK(message->code == wire::icmp::protocol_unreachable);
}

// --- Fragments --------------------------------------------------------------------------------------------

TEST_CASE("a datagram that comes in fragments is delivered whole") {
  world w;
  w.send(arp_frame(peer_asks));
  udp_port* port = w.stack.udp().bind(7);
  const std::string text(4000, 'x');
  const auto pieces = fragments_of(ip_frame({.source = peer,
                                             .destination = ours,
                                             .protocol = wire::ipv4::udp,
                                             .identification = 7,
                                             .dont_fragment = false},
                                            udp_payload(9, 7, text, peer, ours)));
  REQUIRE(pieces.size() == 3);
  for (const auto& f : {pieces[2], pieces[0], pieces[1]}) CHECK(w.send(f).empty());
  REQUIRE_FALSE(port->empty());
  CHECK(std::ranges::equal(port->pop().payload, std::as_bytes(std::span{text})));
  CHECK(w.count(counter::fragments_received) == 3);
  CHECK(w.count(counter::fragments_reassembled) == 1);
}

TEST_CASE("a large datagram leaves in fragments, also when it had to wait for its neighbour") {
  world w;
  const frame large(4000, std::byte{5});
  CHECK(w.stack.udp().send(7, {peer, 9}, large, w.now));
  CHECK(w.step().size() == 1);  // the question
  auto seen = w.send(arp_frame({wire::arp::operation::reply, peer_mac, peer, our_mac, ours}, our_mac));
  CHECK(w.stack.udp().send(7, {peer, 9}, large, w.now));
  for (frame& f : w.step()) seen.push_back(std::move(f));
  REQUIRE(seen.size() == 6);
  CHECK(w.count(counter::fragments_sent) == 6);
  std::size_t total = 0;
  for (const frame& f : seen) {
    CHECK(f.size() <= 1514);
    const auto ip = ip_in(f);
    CHECK_FALSE(ip.header.dont_fragment);
    CHECK(ip.header.identification == ip_in(seen[total < 4008 ? 0 : 3]).header.identification);
    CHECK(ip.header.fragment_offset == total % 4008);
    total += ip.payload.size();
    CHECK(ip.header.more_fragments == (total % 4008 != 0));
  }
  CHECK(ip_in(seen[0]).header.identification != ip_in(seen[3]).header.identification);
}

TEST_CASE("a large ping is answered by a large ping") {
  world w;
  w.send(arp_frame(peer_asks));
  std::size_t answered = 0;
  for (const frame& f : fragments_of(ip_frame(
           {.source = peer, .destination = ours, .protocol = wire::ipv4::icmp, .dont_fragment = false},
           echo_payload(std::string(8000, 'p')))))
    for (const frame& a : w.send(f)) answered += ip_in(a).payload.size();
  CHECK(answered == 8008);
}

TEST_CASE("whose fragments do not all come is told so after a while") {
  world w;
  w.send(arp_frame(peer_asks));
  const auto pieces = fragments_of(
      ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::udp, .dont_fragment = false},
               frame(4000)));
  w.send(pieces[0]);
  CHECK(w.step(14999ms).empty());
  const auto seen = w.step(1ms);
  REQUIRE(seen.size() == 1);
  const auto message = wire::icmp::parse(ip_in(seen[0]).payload);
  REQUIRE(message);
  CHECK(message->type == wire::icmp::time_exceeded);
  CHECK(message->code == wire::icmp::reassembly_exceeded);
  CHECK(std::ranges::equal(message->payload, wire::bytes{pieces[0]}.subspan(14, 548)));
  w.send(pieces[1]);  // without the first there is nothing to quote (RFC 792)
  CHECK(w.step(20s).empty());
  CHECK(w.count(counter::fragments_timed_out) == 2);
}

// --- ICMP -------------------------------------------------------------------------------------------------

TEST_CASE("ping") {
  world w;
  w.send(arp_frame(peer_asks));
  const auto seen = w.send(ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::icmp},
                                    echo_payload("sixteen bytes…")));
  REQUIRE(seen.size() == 1);
  const auto ip = ip_in(seen[0]);
  CHECK(ip.header.source == ours);
  CHECK(ip.header.destination == peer);
  const auto message = wire::icmp::parse(ip.payload);
  REQUIRE(message);
  CHECK(message->type == wire::icmp::echo_reply);
  CHECK(message->rest == 0x00010002);
  CHECK(std::ranges::equal(message->payload, std::as_bytes(std::span{std::string_view{"sixteen bytes…"}})));
}

TEST_CASE("pings to everybody are not answered, nor are damaged ones") {
  world w;
  w.send(arp_frame(peer_asks));
  const frame echo = echo_payload("x");
  for (const ipv4_address to : {ipv4_address{10, 0, 0, 255}, ipv4_address::broadcast()})
    CHECK(w.send(ip_frame({.source = peer, .destination = to, .protocol = wire::ipv4::icmp}, echo, peer_mac,
                          mac_address::broadcast()))
              .empty());
  frame damaged = echo;
  damaged[8] ^= std::byte{1};
  CHECK(
      w.send(ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::icmp}, damaged)).empty());
  CHECK(w.count(counter::icmp_checksum) == 1);
  CHECK(w.count(counter::icmp_echo_answered) == 0);
  CHECK(w.count(counter::icmp_echo_ignored) == 2);
}

TEST_CASE("a closed UDP port is answered by ICMP, not too often, and never to a broadcast") {
  world w;
  w.send(arp_frame(peer_asks));
  const frame u = ip_frame(from_peer, udp_payload(9, 7, "text", peer, ours));
  const auto seen = w.send(u);
  REQUIRE(seen.size() == 1);
  const auto message = wire::icmp::parse(ip_in(seen[0]).payload);
  REQUIRE(message);
  CHECK(message->code == wire::icmp::port_unreachable);
  CHECK(std::ranges::equal(message->payload, wire::bytes{u}.subspan(14)));
  std::size_t answers = 1;
  for (int i = 0; i < 100; ++i) answers += w.send(u).size();
  CHECK(answers == 20);
  CHECK(w.count(counter::icmp_rate_limited) == 81);
  w.step(1s);
  CHECK(w.send(u).size() == 1);
  auto h = from_peer;
  h.destination = {10, 0, 0, 255};
  CHECK(w.send(ip_frame(h, udp_payload(9, 7, "text", peer, {10, 0, 0, 255}), peer_mac,
                        mac_address::broadcast()))
            .empty());
}

TEST_CASE("an ICMP error ends the attempt to connect that it is about") {
  world w;
  w.send(arp_frame(peer_asks));
  const auto c = w.stack.tcp().connect(ours, {peer, 80}, w.now);
  REQUIRE(c);
  const auto syn = w.step();
  REQUIRE(syn.size() == 1);
  frame error(8);
  const wire::bytes quoted = wire::bytes{syn[0]}.subspan(14, 28);  // IP header and eight bytes
  wire::icmp{wire::icmp::unreachable, wire::icmp::port_unreachable, 0, quoted}.emit(error);
  error.insert(error.end(), quoted.begin(), quoted.end());
  frame forged = error;  // the sequence number is another's
  forged[8 + 20 + 5] ^= std::byte{0x40};
  wire::icmp{wire::icmp::unreachable, wire::icmp::port_unreachable, 0, wire::bytes{forged}.subspan(8)}.emit(
      forged);
  w.send(ip_frame({.source = gateway, .destination = ours, .protocol = wire::ipv4::icmp}, forged));
  CHECK((*c)->is_open());
  w.send(ip_frame({.source = gateway, .destination = ours, .protocol = wire::ipv4::icmp}, error));
  CHECK((*c)->failure() == error::unreachable);
  w.stack.tcp().release(**c, w.now);
}

// --- UDP --------------------------------------------------------------------------------------------------

TEST_CASE("datagrams reach their port, with their sender, until it is full") {
  world w;
  udp_port* port = w.stack.udp().bind(7);
  REQUIRE(port != nullptr);
  CHECK(w.stack.udp().bind(7) == nullptr);
  w.send(ip_frame(from_peer, udp_payload(9, 7, "one", peer, ours)));
  auto h = from_peer;
  h.destination = ipv4_address::broadcast();
  w.send(ip_frame(h, udp_payload(10, 7, "two", peer, ipv4_address::broadcast()), peer_mac,
                  mac_address::broadcast()));
  const datagram one = port->pop(), two = port->pop();
  CHECK(one.from == endpoint{peer, 9});
  CHECK(std::ranges::equal(one.payload, std::as_bytes(std::span{std::string_view{"one"}})));
  CHECK(two.from == endpoint{peer, 10});
  for (int i = 0; i < 300; ++i) w.send(ip_frame(from_peer, udp_payload(9, 7, "x", peer, ours)));
  CHECK(w.count(counter::udp_queue_full) == 44);
  frame damaged = udp_payload(9, 7, "one", peer, ours);
  damaged.back() ^= std::byte{1};
  w.send(ip_frame(from_peer, damaged));
  CHECK(w.count(counter::udp_checksum) == 1);
  w.stack.udp().unbind(*port);
  CHECK(w.stack.udp().bind(7) != nullptr);
}

TEST_CASE("a datagram has a largest size") {
  world w;
  w.send(arp_frame(peer_asks));
  CHECK(w.stack.udp().send(7, {peer, 9}, frame(65507), w.now));
  CHECK(w.stack.udp().send(7, {peer, 9}, frame(65508), w.now).error() == error::invalid);
  CHECK(w.stack.udp().send(7, {peer, 0}, {}, w.now).error() == error::invalid);
}

// --- Multicast --------------------------------------------------------------------------------------------

TEST_CASE("datagrams to a group that was joined arrive, and its reports leave with a router alert") {
  constexpr ipv4_address mdns{224, 0, 0, 251};
  world w;
  udp_port* port = w.stack.udp().bind(5353);
  auto h = from_peer;
  h.destination = mdns;
  const frame f = ip_frame(h, udp_payload(5353, 5353, "who", peer, mdns), peer_mac,
                           mac_address{{1, 0, 0x5e, 0, 0, 0xfb}});
  w.send(f);
  CHECK(port->empty());
  CHECK(w.stack.join(mdns, w.now));
  const auto seen = w.step();
  REQUIRE(seen.size() == 1);
  CHECK(wire::ethernet::parse(seen[0])->destination == mac_address{{1, 0, 0x5e, 0, 0, 22}});
  CHECK(ip_in(seen[0]).header_size == 24);
  CHECK(ip_in(seen[0]).header.ttl == 1);
  CHECK(wire::load32(seen[0], 34) == 0x94040000);
  w.send(f);
  REQUIRE_FALSE(port->empty());
  CHECK(port->pop().from == endpoint{peer, 5353});
  // One that is for a group says so at the link as well.
  w.send(ip_frame(h, udp_payload(5353, 5353, "who", peer, mdns), peer_mac, mac_address::broadcast()));
  CHECK(port->empty());
  // Nobody who asks a group for a closed port is told (RFC 1122 §3.2.2).
  CHECK(w.send(ip_frame(h, udp_payload(5353, 99, "who", peer, mdns), peer_mac,
                        mac_address::of_group(mdns.value)))
            .empty());
  w.stack.leave(mdns, w.now);
  w.step(5s);
  w.send(f);
  CHECK(port->empty());
}

TEST_CASE("datagrams to a group go to its station, at once, and no further than they should") {
  world w;
  CHECK(w.stack.udp().send(5353, {{224, 0, 0, 251}, 5353}, {}, w.now));
  CHECK(w.stack.udp().send(5353, {{239, 129, 2, 3}, 9}, {}, w.now));
  const auto seen = w.step();
  REQUIRE(seen.size() == 2);
  CHECK(wire::ethernet::parse(seen[0])->destination == mac_address{{1, 0, 0x5e, 0, 0, 0xfb}});
  CHECK(ip_in(seen[0]).header.ttl == 255);
  CHECK(wire::ethernet::parse(seen[1])->destination == mac_address{{1, 0, 0x5e, 1, 2, 3}});
  CHECK(ip_in(seen[1]).header.ttl == 1);
}

// --- DHCP -------------------------------------------------------------------------------------------------

TEST_CASE("without an address one is asked for, and taken") {
  world w{"ip6=off"};
  CHECK_FALSE(w.stack.address());
  auto seen = w.step(5s);
  REQUIRE(seen.size() == 1);
  const auto serve = [&](const frame& f, wire::dhcp::message type) {
    const auto ip = ip_in(f);
    CHECK(ip.header.source.is_unspecified());
    CHECK(ip.header.destination.is_limited_broadcast());
    const auto u = wire::udp::parse(ip.payload, ip.header.source, ip.header.destination);
    REQUIRE(u);
    const auto asked = wire::dhcp::parse(u->payload);
    REQUIRE(asked);
    wire::dhcp m;
    m.type = type;
    m.is_reply = true;
    m.transaction = asked->transaction;
    m.client_mac = our_mac;
    m.yours = ours;
    m.server = peer;
    m.lease = 3600;
    m.mask = ipv4_address{255, 255, 255, 0};
    m.router = gateway;
    m.dns.add(peer);
    m.dns.add(gateway);
    m.domain = "example.net";
    std::array<std::byte, wire::dhcp::largest_size> bytes;
    const std::size_t size = m.emit(bytes);
    return ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::udp},
                    udp_payload(67, 68, {reinterpret_cast<const char*>(bytes.data()), size}, peer, ours));
  };
  seen = w.send(serve(seen[0], wire::dhcp::message::offer));
  REQUIRE(seen.size() == 1);
  const frame acknowledgement = serve(seen[0], wire::dhcp::message::ack);
  REQUIRE(w.stack.join({224, 0, 0, 251}, w.now));
  CHECK(w.step().empty());  // nothing is said without an address
  seen = w.send(acknowledgement);
  CHECK(to_string(*w.stack.address()) == "10.0.0.2/24");
  CHECK(w.stack.gateway() == gateway);
  CHECK(w.stack.dns() == peer);
  CHECK(w.stack.name_servers().size() == 2);
  CHECK(w.stack.domain() == "example.net");
  REQUIRE(seen.size() == 3);  // probe and announcement, and the group
  CHECK(arp_in(seen[1])->sender_ip == ours);
  CHECK(ip_in(seen[2]).header.protocol == wire::igmp::protocol);
  w.step(2s);

  SUBCASE("a conflict soon after is declined") {
    seen = w.send(arp_frame({wire::arp::operation::reply, peer_mac, ours, our_mac, ours}, our_mac));
    CHECK_FALSE(w.stack.address());
    REQUIRE(seen.size() == 1);
    const auto ip = ip_in(seen[0]);
    const auto u = wire::udp::parse(ip.payload, ip.header.source, ip.header.destination);
    CHECK(wire::dhcp::parse(u->payload)->type == wire::dhcp::message::decline);
  }
  SUBCASE("the lease is renewed, and lost when nobody answers") {
    w.step(1801s);
    CHECK(w.stack.address());
    w.step(1800s);
    CHECK_FALSE(w.stack.address());
  }
}

TEST_CASE("before there is an address nothing but DHCP is heard") {
  world w{"ip6=off"};
  CHECK(
      w.send(ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::icmp}, echo_payload("x")))
          .empty());
  CHECK(w.send(ip_frame(from_peer, udp_payload(9, 7, "x", peer, ours))).empty());
  CHECK(w.send(arp_frame(peer_asks)).empty());
  CHECK(w.count(counter::ipv4_not_for_us) == 2);
  CHECK(w.count(counter::arp_ignored) == 1);
  w.send(ip_frame({.source = peer, .destination = ours, .protocol = wire::ipv4::udp},
                  udp_payload(67, 68, "nonsense", peer, ours)));
  CHECK(w.count(counter::dhcp_malformed) == 1);
}
