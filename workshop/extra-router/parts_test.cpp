// The router's parts: what is mapped to what and for how long, and what rules mean.
#include <doctest/doctest.h>

#include <set>

#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/icmp.hpp"
#include "aster/net/wire/ipv4.hpp"
#include "aster/net/wire/udp.hpp"
#include "firewall.hpp"
#include "translation.hpp"

using namespace aster::net;
using namespace std::chrono_literals;
using verdict = packet_hook::verdict;

namespace {

using buffer = std::vector<std::byte>;
constexpr ipv4_address host{10, 9, 1, 7}, other_host{10, 9, 1, 8}, server{192, 0, 2, 1},
    stranger{198, 51, 100, 1}, ours{203, 0, 113, 5};

buffer ip(std::uint8_t protocol, const buffer& payload, ipv4_address from, ipv4_address to) {
  buffer p(20);
  wire::ipv4{.source = from,
             .destination = to,
             .protocol = protocol,
             .payload_size = static_cast<std::uint16_t>(payload.size())}
      .emit(p);
  p.insert(p.end(), payload.begin(), payload.end());
  return p;
}

buffer udp(ipv4_endpoint from, ipv4_endpoint to) {
  buffer u(8);
  wire::udp{from.port, to.port, {}}.emit(u, from.address, to.address);
  return ip(wire::ipv4::udp, u, from.address, to.address);
}

buffer tcp(ipv4_endpoint from, ipv4_endpoint to, wire::tcp_flags flags) {
  const wire::tcp h{.source_port = from.port, .destination_port = to.port, .flags = flags, .options = {}};
  buffer t(h.size());
  h.emit(t);
  return ip(wire::ipv4::tcp, t, from.address, to.address);
}

buffer icmp(wire::icmp m, ipv4_address from, ipv4_address to) {
  buffer i(8);
  m.emit(i);
  i.insert(i.end(), m.payload.begin(), m.payload.end());
  return ip(wire::ipv4::icmp, i, from, to);
}

struct world {
  translation nat{[] { return ours; }};
  time_point now{};

  // Sends a packet out; who it is outside, or nothing.
  std::optional<ipv4_endpoint> out(buffer packet) {
    transit_packet p{packet, false, "lan"};
    if (!nat.outward(p, now)) return std::nullopt;
    CHECK(wire::ipv4::parse(packet));
    return p.source();
  }
  // Lets a packet come; whom it is for, or nothing.
  std::optional<ipv4_endpoint> in(buffer packet) {
    transit_packet p{packet, false, "wan"};
    if (!nat.inward(p, now)) return std::nullopt;
    CHECK(wire::ipv4::parse(packet));
    return p.destination();
  }
};

}  // namespace

TEST_CASE("a host's port is the same to everybody, and no two share one") {
  world w;
  const auto first = w.out(udp({host, 5000}, {server, 53}));
  REQUIRE(first);
  CHECK(first->address == ours);
  CHECK(w.out(udp({host, 5000}, {stranger, 99})) == first);
  CHECK(w.out(udp({host, 5001}, {server, 53})) != first);
  CHECK(w.out(udp({other_host, 5000}, {server, 53})) != first);
  std::set<std::uint16_t> ports;
  for (std::uint16_t p = 1; p <= 1000; ++p) {
    const auto end = w.out(udp({{10, 9, 1, 50}, p}, {server, 53}));
    REQUIRE(end);
    CHECK(end->port >= translation::first_port);
    CHECK(end->port <= translation::last_port);
    ports.insert(end->port);
  }
  CHECK(ports.size() == 1000);
}

TEST_CASE("who was sent to may answer, from any port; nobody else may send") {
  world w;
  const auto outside = *w.out(udp({host, 5000}, {server, 53}));
  CHECK(w.in(udp({server, 53}, outside)) == ipv4_endpoint{host, 5000});
  CHECK(w.in(udp({server, 54}, outside)) == ipv4_endpoint{host, 5000});
  CHECK_FALSE(w.in(udp({stranger, 53}, outside)));
  CHECK_FALSE(w.in(udp({server, 53}, {ours, 7})));
  CHECK_FALSE(w.in(tcp({server, 53}, outside, {.syn = true})));  // another protocol
}

TEST_CASE("mappings end when nobody inside uses them") {
  world w;
  const auto outside = *w.out(udp({host, 5000}, {server, 53}));
  for (int i = 0; i < 4; ++i) {
    w.now += 1min;
    CHECK(w.in(udp({server, 53}, outside)));  // what comes keeps nothing open
  }
  w.now += 1min;
  CHECK_FALSE(w.in(udp({server, 53}, outside)));
}

TEST_CASE("an open connection keeps its port for two hours, an ended one for minutes") {
  world w;
  const auto outside = *w.out(tcp({host, 5000}, {server, 80}, {.syn = true}));
  CHECK(w.in(tcp({server, 80}, outside, {.syn = true, .ack = true})));
  CHECK(w.out(tcp({host, 5000}, {server, 80}, {.ack = true})) == outside);
  w.now += 2h;
  CHECK(w.in(tcp({server, 80}, outside, {.ack = true})));
  CHECK(w.out(tcp({host, 5000}, {server, 80}, {.fin = true, .ack = true})) == outside);
  w.now += 3min;
  CHECK(w.in(tcp({server, 80}, outside, {.fin = true, .ack = true})));
  w.now += 1min;
  CHECK_FALSE(w.in(tcp({server, 80}, outside, {.ack = true})));
}

TEST_CASE("a handshake that nobody answers holds its port for four minutes") {
  world w;
  const auto outside = *w.out(tcp({host, 5000}, {server, 80}, {.syn = true}));
  w.now += 4min;
  CHECK_FALSE(w.in(tcp({server, 80}, outside, {.syn = true, .ack = true})));
}

TEST_CASE("pings are told apart by their identifier, and nobody pings inside") {
  world w;
  const auto outside = *w.out(icmp({wire::icmp::echo_request, 0, 7u << 16, {}}, host, server));
  const auto id = static_cast<std::uint32_t>(outside.port) << 16;
  CHECK(w.in(icmp({wire::icmp::echo_reply, 0, id, {}}, server, ours)) == ipv4_endpoint{host, 7});
  CHECK_FALSE(w.in(icmp({wire::icmp::echo_request, 0, id, {}}, server, ours)));
}

TEST_CASE("errors find their way, from any router, with the packet as its sender knows it") {
  world w;
  buffer sent = udp({host, 5000}, {server, 53});
  transit_packet p{sent, false, "lan"};
  REQUIRE(w.nat.outward(p, w.now));
  buffer error = icmp({wire::icmp::time_exceeded, 0, 0, sent}, stranger, ours);
  transit_packet e{error, false, "wan"};
  REQUIRE(w.nat.inward(e, w.now));
  CHECK(e.destination().address == host);
  CHECK(e.quoted_source() == ipv4_endpoint{host, 5000});
  const auto parsed = wire::ipv4::parse(error);
  REQUIRE(parsed);
  CHECK(wire::icmp::parse(parsed->payload));
}

TEST_CASE("one host cannot take all ports, nor everybody all memory") {
  world w;
  std::size_t got = 0;
  for (std::uint32_t p = 1; p <= 2000; ++p)
    got += w.out(udp({host, static_cast<std::uint16_t>(p)}, {server, 53})) ? 1 : 0;
  CHECK(got == translation::mappings_of_host);
  CHECK(w.out(udp({other_host, 1}, {server, 53})));
  w.now += 6min;
  CHECK(w.out(udp({host, 1}, {server, 53})));
  for (std::uint32_t i = 0; i < 20000; ++i)
    (void)w.out(
        udp({ipv4_address{0x0a090000 + i / 1000}, static_cast<std::uint16_t>(i % 1000 + 1)}, {server, 53}));
  CHECK(w.nat.size() <= translation::mapping_limit);
}

TEST_CASE("rules: the first that fits decides") {
  const auto f = firewall::parse(
      "allow tcp to 192.0.2.0/24 port 25  # our own\nreject tcp port 25\n\ndrop udp from 10.9.1.7/32");
  REQUIRE(f);
  CHECK(f->size() == 3);
  const auto about = [&](buffer packet) {
    transit_packet p{packet, false, "lan"};
    return f->about(p);
  };
  CHECK(about(tcp({host, 1}, {server, 25}, {.syn = true})) == verdict::accept);
  CHECK(about(tcp({host, 1}, {stranger, 25}, {.syn = true})) == verdict::reject);
  CHECK(about(tcp({host, 25}, {stranger, 80}, {.syn = true})) == verdict::accept);
  CHECK(about(udp({host, 1}, {server, 25})) == verdict::drop);
  CHECK(about(udp({other_host, 1}, {server, 25})) == verdict::accept);
  CHECK(about(icmp({wire::icmp::echo_request, 0, 25u << 16, {}}, host, stranger)) == verdict::accept);
}

TEST_CASE("rules that make no sense are named") {
  for (const char* text : {"permit tcp", "drop tcp port", "drop port 0", "drop port 65536",
                           "drop from 10.0.0.1", "drop to 10.0.0.0/33", "allow tcp 25"}) {
    const auto f = firewall::parse("allow\n" + std::string{text});
    REQUIRE_FALSE(f);
    CHECK(f.error().starts_with("rule 2: `"));
  }
}
