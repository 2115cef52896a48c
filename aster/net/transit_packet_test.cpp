// Packets are changed and their checksums stay right, whole or left to a device.
#include "aster/net/transit_packet.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "aster/net/siphash.hpp"
#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/icmp.hpp"
#include "aster/net/wire/ipv4.hpp"
#include "aster/net/wire/udp.hpp"

using namespace aster::net;

namespace {

using buffer = std::vector<std::byte>;
constexpr ipv4_address a{10, 0, 0, 1}, b{192, 0, 2, 9}, c{203, 0, 113, 5};

buffer packet_of(std::uint8_t protocol, const buffer& payload, ipv4_address source = a,
                 ipv4_address destination = b) {
  buffer p(20);
  wire::ipv4{.source = source,
             .destination = destination,
             .protocol = protocol,
             .payload_size = static_cast<std::uint16_t>(payload.size())}
      .emit(p);
  p.insert(p.end(), payload.begin(), payload.end());
  return p;
}

buffer udp_of(std::uint16_t from, std::uint16_t to, const buffer& text, ipv4_address source = a,
              ipv4_address destination = b) {
  buffer u(8);
  wire::udp{from, to, text}.emit(u, source, destination);
  u.insert(u.end(), text.begin(), text.end());
  return packet_of(wire::ipv4::udp, u, source, destination);
}

buffer tcp_of(const buffer& text, bool partial) {
  const wire::tcp h{
      .source_port = 1000, .destination_port = 80, .sequence = 7, .flags = {.syn = true}, .options = {}};
  buffer t(h.size());
  h.emit(t);
  t.insert(t.end(), text.begin(), text.end());
  wire::checksum sum = wire::pseudo_header(a, b, wire::ipv4::tcp, t.size());
  if (!partial) sum.add(t);
  wire::store16(t, wire::tcp::checksum_offset, partial ? sum.folded() : sum.value());
  return packet_of(wire::ipv4::tcp, t);
}

buffer icmp_of(wire::icmp m) {
  buffer i(8);
  m.emit(i);
  i.insert(i.end(), m.payload.begin(), m.payload.end());
  return packet_of(wire::ipv4::icmp, i);
}

wire::ipv4::parsed whole(const buffer& p) {
  const auto parsed = wire::ipv4::parse(p);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("addresses and ports of UDP are changed, and its checksum stays right") {
  random_source random{{1, 2}};
  for (int i = 0; i < 2000; ++i) {
    buffer text(random.below(9));
    for (auto& byte : text) byte = static_cast<std::byte>(random.next32());
    buffer p = udp_of(static_cast<std::uint16_t>(1 + random.below(65535)), 53, text);
    transit_packet t{p, false, "lan"};
    const ipv4_endpoint source{ipv4_address{random.next32()}, static_cast<std::uint16_t>(random.next32())};
    const ipv4_endpoint destination{ipv4_address{random.next32()},
                                    static_cast<std::uint16_t>(random.next32())};
    t.set_source(source);
    t.set_destination(destination);
    CHECK(t.source() == source);
    CHECK(t.destination() == destination);
    const auto ip = whole(p);
    CHECK(wire::udp::parse(ip.payload, source.address, destination.address));
  }
}

TEST_CASE("UDP without a checksum stays without") {
  buffer p = udp_of(7, 53, buffer(3));
  wire::store16(p, 26, 0);
  transit_packet t{p, false, "lan"};
  t.set_source({c, 99});
  CHECK(wire::load16(p, 26) == 0);
  whole(p);
}

TEST_CASE(
    "TCP: a checksum that is there is mended; of one that a device completes, the pseudo header's part") {
  const buffer text(11, std::byte{0x5a});
  buffer p = tcp_of(text, false);
  transit_packet t{p, false, "lan"};
  CHECK(t.flags().syn);
  CHECK_FALSE(t.flags().ack);
  t.set_source({c, 4321});
  CHECK(wire::tcp::parse(whole(p).payload, c, b, true));

  buffer q = tcp_of(text, true);
  transit_packet u{q, true, "lan"};
  u.set_source({c, 4321});
  u.set_destination({a, 8080});
  wire::checksum sum;
  sum.add(wire::bytes{q}.subspan(20));
  wire::store16(q, 36, sum.value());
  CHECK(wire::tcp::parse(whole(q).payload, c, a, true));
}

TEST_CASE("what was damaged on the way stays damaged") {
  buffer p = tcp_of(buffer(5), false);
  p.back() ^= std::byte{1};
  transit_packet t{p, false, "lan"};
  t.set_source({c, 4321});
  CHECK_FALSE(wire::tcp::parse(whole(p).payload, c, b, true));
}

TEST_CASE("the identifier of a ping is its port, on both sides") {
  buffer p = icmp_of({wire::icmp::echo_request, 0, 0x00070001, {}});
  transit_packet t{p, false, "lan"};
  CHECK(t.is_echo_request());
  CHECK(t.source() == ipv4_endpoint{a, 7});
  t.set_source({c, 4000});
  const auto m = wire::icmp::parse(whole(p).payload);
  REQUIRE(m);
  CHECK(m->rest == (4000u << 16 | 1));
}

TEST_CASE("an error's quoted packet is changed with it") {
  const buffer about = udp_of(777, 53, buffer(4), c, b);
  buffer p = icmp_of({wire::icmp::unreachable, wire::icmp::port_unreachable, 0, about});
  transit_packet t{p, false, "wan"};
  REQUIRE(t.is_error());
  CHECK_FALSE(t.has_ports());
  CHECK(t.quoted_source() == ipv4_endpoint{c, 777});
  CHECK(t.quoted_destination() == ipv4_endpoint{b, 53});
  t.set_quoted_source({a, 1234});
  const auto m = wire::icmp::parse(whole(p).payload);
  REQUIRE(m);
  const auto quoted = wire::ipv4::parse(m->payload);
  REQUIRE(quoted);
  CHECK(quoted->header.source == a);
  CHECK(wire::load16(quoted->payload, 0) == 1234);
}

TEST_CASE("any packet can be looked at and changed") {
  random_source random{{5, 5}};
  for (int i = 0; i < 20000; ++i) {
    buffer payload(random.below(70));
    for (auto& byte : payload)
      byte = static_cast<std::byte>(random.below(2) == 0 ? random.below(20) : random.below(256));
    constexpr std::uint8_t protocols[] = {1, 6, 17, 50};
    buffer p = packet_of(protocols[random.below(4)], payload);
    transit_packet t{p, random.below(2) == 0, "lan"};
    (void)t.flags();
    t.set_source({c, 5});
    t.set_destination({a, 6});
    if (t.is_error()) {
      t.set_quoted_source({b, 7});
      t.set_quoted_destination({b, 8});
      CHECK(t.quoted_source() == ipv4_endpoint{b, 7});
    }
    const auto ip = whole(p);
    CHECK(ip.header.source == c);
    CHECK(ip.header.destination == a);
  }
}
