// Ethernet, ARP, IPv4, ICMP and UDP against bytes as they stand on the wire.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "aster/net/wire/arp.hpp"
#include "aster/net/wire/bytes_test.hpp"
#include "aster/net/wire/checksum.hpp"
#include "aster/net/wire/ethernet.hpp"
#include "aster/net/wire/icmp.hpp"
#include "aster/net/wire/ipv4.hpp"
#include "aster/net/wire/udp.hpp"

using namespace aster::net;
using namespace aster::net::wire;

namespace {
constexpr ipv4_address a{10, 0, 0, 1}, b{10, 0, 0, 2};
constexpr mac_address ma{{0x52, 0x54, 0, 0, 0, 1}}, mb{{0x52, 0x54, 0, 0, 0, 2}};
}  // namespace

TEST_CASE("Ethernet") {
  const auto frame = hex("52 54 00 00 00 02  52 54 00 00 00 01  08 00  01 02");
  const auto e = ethernet::parse(frame);
  REQUIRE(e);
  CHECK(*e == ethernet{mb, ma, ethernet::type_ipv4});
  std::vector<std::byte> out(14);
  e->emit(out);
  CHECK(std::ranges::equal(out, bytes{frame}.first(14)));
  for (std::size_t n = 0; n < 14; ++n) CHECK_FALSE(ethernet::parse(bytes{frame}.first(n)));
}

TEST_CASE("ARP") {
  const auto packet = hex(
      "00 01 08 00 06 04 00 01  52 54 00 00 00 01  0a 00 00 01  00 00 00 00 00 00  0a 00 00 02  00 00 00 00");
  const auto parsed = arp::parse(packet);
  REQUIRE(parsed);
  CHECK(*parsed == arp{arp::operation::request, ma, a, {}, b});
  std::vector<std::byte> out(28);
  parsed->emit(out);
  CHECK(std::ranges::equal(out, bytes{packet}.first(28)));
  for (std::size_t n = 0; n < 28; ++n) CHECK_FALSE(arp::parse(bytes{packet}.first(n)));
  for (const auto at : {0, 2, 4, 5, 6}) {  // other hardware, protocol, lengths, operation
    auto other = packet;
    other[static_cast<std::size_t>(at) + (at == 4 || at == 5 ? 0 : 1)] = std::byte{9};
    CHECK_FALSE(arp::parse(other));
  }
}

TEST_CASE("IPv4") {
  const auto packet = hex("45 00 00 18 00 00 40 00 40 06 26 de 0a 00 00 01 0a 00 00 02  aa bb cc dd  00 00");
  const auto parsed = ipv4::parse(packet);
  REQUIRE(parsed);
  const ipv4 expected{.source = a, .destination = b, .protocol = ipv4::tcp, .payload_size = 4};
  CHECK(parsed->header == expected);
  CHECK(parsed->payload.size() == 4);  // without the padding
  CHECK(parsed->header_size == 20);
  std::vector<std::byte> out(20);
  expected.emit(out);
  CHECK(std::ranges::equal(out, bytes{packet}.first(20)));
  for (std::size_t n = 0; n < 24; ++n) {
    const auto cut = ipv4::parse(bytes{packet}.first(n));
    REQUIRE_FALSE(cut);
    CHECK(cut.error() == ipv4::fault::malformed);
  }
}

TEST_CASE("IPv4 headers that contradict themselves") {
  const auto with = [](std::size_t at, std::uint8_t value) {
    std::vector<std::byte> packet(64);
    ipv4{.source = a, .destination = b, .protocol = 17, .payload_size = 44}.emit(packet);
    packet[at] = static_cast<std::byte>(value);
    store16(packet, 10, 0);
    checksum sum;
    sum.add(bytes{packet}.first(std::size_t{static_cast<std::uint8_t>(packet[0]) & 15u} * 4));
    store16(packet, 10, sum.value());
    return packet;
  };
  CHECK(ipv4::parse(with(0, 0x45)));
  CHECK_FALSE(ipv4::parse(with(0, 0x65)));  // version
  CHECK_FALSE(ipv4::parse(with(0, 0x44)));  // header shorter than it can be
  CHECK_FALSE(ipv4::parse(with(3, 19)));    // packet shorter than its header
  CHECK_FALSE(ipv4::parse(with(3, 65)));    // … longer than what arrived
  auto wrong = with(0, 0x45);
  wrong[8] ^= std::byte{1};
  CHECK(ipv4::parse(wrong).error() == ipv4::fault::bad_checksum);
}

TEST_CASE("IPv4 options are walked, and source routes noticed") {
  const auto with_options = [](std::string_view text) {
    auto options = hex(text);
    std::vector<std::byte> packet(20 + options.size());
    ipv4{.source = a, .destination = b, .protocol = 17}.emit(packet);
    packet[0] = static_cast<std::byte>(0x45 + options.size() / 4);
    store16(packet, 2, static_cast<std::uint16_t>(packet.size()));
    std::ranges::copy(options, packet.begin() + 20);
    store16(packet, 10, 0);
    checksum sum;
    sum.add(packet);
    store16(packet, 10, sum.value());
    return ipv4::parse(packet);
  };
  CHECK_FALSE(with_options("94 04 00 00")->header.source_routed);  // router alert
  CHECK_FALSE(with_options("01 01 01 00")->header.source_routed);
  CHECK(with_options("83 07 04 0a 00 00 03 00")->header.source_routed);
  CHECK(with_options("01 89 07 04 0a 00 00 03")->header.source_routed);
  CHECK_FALSE(with_options("94 05 00 00"));  // past the end
  CHECK_FALSE(with_options("94 01 00 00"));  // no length
  CHECK_FALSE(with_options("01 01 01 94"));  // cut off
  CHECK(with_options("00 94 01 00"));        // nothing counts after the end of the list
}

TEST_CASE("IPv4 fragments are recognized") {
  std::vector<std::byte> packet(28);
  ipv4 h{.source = a, .destination = b, .protocol = 17, .payload_size = 8};
  CHECK_FALSE(h.is_fragment());
  h.dont_fragment = false;
  h.more_fragments = true;
  h.emit(packet);
  CHECK(ipv4::parse(packet)->header == h);
  CHECK(h.is_fragment());
  h.more_fragments = false;
  h.fragment_offset = 1480;
  h.emit(packet);
  CHECK(ipv4::parse(packet)->header == h);
  CHECK(h.is_fragment());
}

TEST_CASE("ICMP") {
  const auto message = hex("08 00 e5 ca  12 34 00 01  ff ff");
  const auto parsed = icmp::parse(message);
  REQUIRE(parsed);
  CHECK(parsed->type == icmp::echo_request);
  CHECK(parsed->rest == 0x12340001);
  CHECK(parsed->payload.size() == 2);
  std::vector<std::byte> out(8);
  parsed->emit(out);
  CHECK(std::ranges::equal(out, bytes{message}.first(8)));
  for (std::size_t n = 0; n < 8; ++n) CHECK_FALSE(icmp::parse(bytes{message}.first(n)));
  auto wrong = message;
  wrong[9] = std::byte{0};
  CHECK(icmp::parse(wrong).error() == icmp::fault::bad_checksum);
}

TEST_CASE("UDP") {
  std::vector<std::byte> packet(13);
  const auto payload = hex("68 65 6c 6c 6f");
  std::ranges::copy(payload, packet.begin() + 8);
  udp{1000, 53, bytes{packet}.subspan(8)}.emit(packet, a, b);
  CHECK(load16(packet, 4) == 13);
  const auto parsed = udp::parse(packet, a, b);
  REQUIRE(parsed);
  CHECK(parsed->source_port == 1000);
  CHECK(parsed->destination_port == 53);
  CHECK(std::ranges::equal(parsed->payload, payload));
  CHECK(udp::parse(packet, b, b).error() == udp::fault::bad_checksum);
  CHECK(udp::parse(packet, b, b, false));
  for (std::size_t n = 0; n < 13; ++n)
    CHECK(udp::parse(bytes{packet}.first(n), a, b).error() == udp::fault::malformed);
  store16(packet, 6, 0);  // no checksum was taken
  CHECK(udp::parse(packet, b, b));
  store16(packet, 4, 7);
  CHECK_FALSE(udp::parse(packet, a, b));
}

TEST_CASE("a UDP checksum of zero is sent as ones") {
  // Find a payload whose sum is all ones.
  std::vector<std::byte> packet(10);
  for (std::uint32_t word = 0; word < 65536; ++word) {
    store16(packet, 8, static_cast<std::uint16_t>(word));
    udp{1, 2, bytes{packet}.subspan(8)}.emit(packet, a, b);
    REQUIRE(load16(packet, 6) != 0);
    REQUIRE(udp::parse(packet, a, b));
  }
}
