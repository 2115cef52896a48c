// IPv6, its extension headers, ICMPv6 and neighbour discovery against bytes as they stand on the wire.
#include "aster/net/wire/ipv6.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "aster/net/wire/bytes_test.hpp"
#include "aster/net/wire/icmpv6.hpp"
#include "aster/net/wire/ndp.hpp"
#include "aster/net/wire/udp.hpp"

using namespace aster::net;
using namespace aster::net::wire;

namespace {

constexpr ipv6_address a{0xfe80, 0, 0, 0, 0, 0, 0, 1}, b{0xfe80, 0, 0, 0, 0, 0, 0, 2};
const std::string addresses =
    "fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 02 ";

// A packet whose first next header is `first`, followed by `rest`.
std::vector<std::byte> packet(std::uint8_t first, const std::string& rest) {
  auto p = hex((std::string{"60 00 00 00 00 00 00 40 "} + addresses + rest).c_str());
  store16(p, 4, static_cast<std::uint16_t>(p.size() - 40));
  store8(p, 6, first);
  return p;
}

}  // namespace

TEST_CASE("IPv6") {
  const auto bytes_given = hex(("62 31 23 45 00 04 11 40 " + addresses + "aa bb cc dd 00 00").c_str());
  const auto parsed = ipv6::parse(bytes_given);
  REQUIRE(parsed);
  const ipv6 expected{.source = a,
                      .destination = b,
                      .protocol = ipv6::udp,
                      .hop_limit = 64,
                      .traffic_class = 0x23,
                      .flow_label = 0x12345,
                      .payload_size = 4};
  CHECK(parsed->header == expected);
  CHECK(parsed->payload.size() == 4);  // without the padding
  CHECK(parsed->header_size == 40);
  CHECK_FALSE(parsed->cut);
  std::vector<std::byte> out(40);
  expected.emit(out);
  CHECK(std::ranges::equal(out, bytes{bytes_given}.first(40)));
  for (std::size_t n = 0; n < 44; ++n) CHECK_FALSE(ipv6::parse(bytes{bytes_given}.first(n)));
}

TEST_CASE("extension headers are walked to the transport (RFC 8200 §4)") {
  const auto p = packet(0, "3c 00 05 02 00 00 01 00  11 01 01 04 00 00 00 00 3e 06 00 00 00 00 00 00  aa bb");
  const auto parsed = ipv6::parse(p);
  REQUIRE(parsed);
  CHECK(parsed->header.protocol == ipv6::udp);
  CHECK(parsed->header_size == 40 + 8 + 16);
  CHECK(parsed->next_field == 48);
  CHECK(parsed->payload.size() == 2);
  // A routing header that has nobody left to go to is passed over, whatever its type (§4.4).
  CHECK(ipv6::parse(packet(43, "11 00 00 00 00 00 00 00"))->header.protocol == ipv6::udp);
}

TEST_CASE("extension headers that make no sense are refused, and their senders told what the RFC says") {
  const auto fault = [](const std::vector<std::byte>& p) {
    const auto parsed = ipv6::parse(p);
    REQUIRE_FALSE(parsed);
    return parsed.error();
  };
  using f = ipv6::fault;
  CHECK(fault(packet(0, "11 05 00 00 00 00 00 00")) == f{});   // longer than the packet
  CHECK(fault(packet(0, "11 00 01 09 00 00 00 00")) == f{});   // an option longer than its header
  CHECK(fault(packet(0, "11 00 00 00 00 00 00 3e")) == f{});   // … or without a length
  CHECK(fault(packet(60, "11 00 45 00 01 02 00 00")) == f{});  // unknown, to be dropped (§4.2)
  CHECK(fault(packet(60, "11 00 85 00 01 02 00 00")) == f{true, true, 2, 42});  // … its sender told
  CHECK(fault(packet(60, "11 00 c5 00 01 02 00 00")) ==
        f{true, false, 2, 42});                               // … unless it was sent to many
  CHECK(ipv6::parse(packet(60, "11 00 3e 00 01 02 00 00")));  // … passed over
  CHECK(fault(packet(0, "11 00 c2 04 00 01 00 00")) == f{true, false, 2, 42});  // a jumbogram
  CHECK(fault(packet(43, "11 02 00 01 00 00 00 00 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 09")) ==
        f{true, false, 0, 42});  // RFC 5095
  CHECK(fault(packet(60, "00 00 01 04 00 00 00 00 11 00 01 04 00 00 00 00")) ==
        f{true, false, 1, 40});  // hop-by-hop not first
  std::string many;
  for (int i = 0; i < 9; ++i) many += "3c 00 01 04 00 00 00 00 ";
  CHECK(fault(packet(60, many + "11 00 01 04 00 00 00 00")) == f{});
  std::string options;
  for (int i = 0; i < 17; ++i) options += "3e 00 ";
  CHECK(fault(packet(60, "11 04 " + options + "01 02 00 00")) == f{});
}

TEST_CASE("a fragment is walked to its header, and a whole one beyond (RFC 6946)") {
  const auto parsed = ipv6::parse(packet(60, "2c 00 01 04 00 00 00 00  11 00 05 a9 00 00 00 07  aa bb"));
  REQUIRE(parsed);
  REQUIRE(parsed->cut);
  CHECK(parsed->cut->offset == 1448);
  CHECK(parsed->cut->more);
  CHECK(parsed->cut->identification == 7);
  CHECK(parsed->cut->head_size == 48);
  CHECK(parsed->next_field == 40);  // what names the fragment header
  CHECK(parsed->header.protocol == ipv6::udp);
  CHECK(parsed->payload.size() == 2);
  const auto whole = ipv6::parse(packet(44, "11 00 00 06 00 00 00 07  aa bb"));
  REQUIRE(whole);
  CHECK_FALSE(whole->cut);
  CHECK(whole->header_size == 48);
}

TEST_CASE("ICMPv6 is summed with its addresses") {
  std::vector<std::byte> out(8);
  const auto data = hex("61 62 63");
  icmpv6{icmpv6::echo_request, 0, 0x00010002, data}.emit(out, a, b);
  out.insert(out.end(), data.begin(), data.end());
  const auto m = icmpv6::parse(out, a, b);
  REQUIRE(m);
  CHECK(m->rest == 0x00010002);
  CHECK(m->payload.size() == 3);
  CHECK(icmpv6::parse(out, a, a).error() == icmpv6::fault::bad_checksum);
  CHECK(icmpv6::parse(bytes{out}.first(7), a, b).error() == icmpv6::fault::malformed);
}

TEST_CASE("a first fragment has all headers, and the transport's whole (RFC 7112)") {
  const auto has = [](std::uint8_t next, std::initializer_list<int> content, std::size_t more = 0) {
    std::vector<std::byte> made;
    for (const int each : content) made.push_back(static_cast<std::byte>(each));
    made.resize(made.size() + more);
    return wire::ipv6::has_all_headers(next, made);
  };
  CHECK(has(wire::ipv6::udp, {}, 8));
  CHECK_FALSE(has(wire::ipv6::udp, {}, 7));
  CHECK(has(wire::ipv6::tcp, {}, 20));
  CHECK_FALSE(has(wire::ipv6::tcp, {}, 19));
  CHECK(has(wire::ipv6::destination_options, {wire::ipv6::icmp, 0, 1, 4, 0, 0, 0, 0}, 8));
  CHECK_FALSE(has(wire::ipv6::destination_options, {wire::ipv6::icmp, 0, 1, 4, 0, 0, 0, 0}));
  CHECK_FALSE(has(wire::ipv6::destination_options, {wire::ipv6::icmp, 1, 1, 4, 0, 0, 0, 0}));
  CHECK(has(253, {1}));
  CHECK_FALSE(has(253, {}));
}

TEST_CASE("over IPv6 a datagram without checksum is refused (RFC 8200 §8.1)") {
  const auto u = hex("00 07 00 09 00 08 00 00");
  CHECK(udp::parse(u, ip_address{10, 0, 0, 1}, ip_address{10, 0, 0, 2}));
  CHECK(udp::parse(u, a, b).error() == udp::fault::bad_checksum);
}

TEST_CASE("neighbours ask and answer") {
  const mac_address mac{{0x52, 0x54, 0, 0, 0, 1}};
  const neighbour_solicitation s{.target = b, .source_mac = mac, .nonce = 0x123456789abc};
  std::vector<std::byte> out(neighbour_solicitation::largest_size);
  CHECK(s.emit(out) == out.size());
  CHECK(neighbour_solicitation::parse({icmpv6::neighbour_solicitation, 0, 0, out}) == s);
  const neighbour_advertisement n{
      .target = b, .is_router = true, .is_solicited = false, .overrides = true, .target_mac = mac};
  std::vector<std::byte> answer(neighbour_advertisement::largest_size);
  CHECK(n.emit(answer) == answer.size());
  CHECK(neighbour_advertisement::parse({icmpv6::neighbour_advertisement, 0, n.flags(), answer}) == n);

  const auto asked = [&](std::vector<std::byte> body, std::uint8_t code = 0) {
    return neighbour_solicitation::parse({icmpv6::neighbour_solicitation, code, 0, body});
  };
  CHECK_FALSE(asked(out, 1));
  for (std::size_t n_bytes = 0; n_bytes < out.size(); ++n_bytes)
    CHECK(asked({out.begin(), out.begin() + static_cast<long>(n_bytes)}).has_value() ==
          (n_bytes == 16 || n_bytes == 24));
  auto changed = out;
  changed[17] = std::byte{0};  // an option without length
  CHECK_FALSE(asked(changed));
  changed = out;
  changed[0] = std::byte{0xff};  // about a group
  CHECK_FALSE(asked(changed));
}

TEST_CASE("routers say what there is") {
  const auto body =
      hex("00 00 75 30 00 00 03 e8"
          "01 01 52 54 00 00 00 09"
          "05 01 00 00 00 00 05 78"
          "03 04 40 c0 00 00 0e 10 00 00 07 08 00 00 00 00 20 01 0d b8 00 00 00 01 ff ff 00 00 00 00 00 00"
          "63 01 00 00 00 00 00 00"
          "19 05 00 00 00 00 02 58 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 53"
          "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 54");
  const auto r = router_advertisement::parse({icmpv6::router_advertisement, 0, 0x40480708, body});
  REQUIRE(r);
  CHECK(r->hop_limit == 64);
  CHECK(r->other);
  CHECK_FALSE(r->managed);
  CHECK(r->preference == 1);
  CHECK(r->lifetime == 1800);
  CHECK(r->source_mac == mac_address{{0x52, 0x54, 0, 0, 0, 9}});
  CHECK(r->mtu == 1400);
  REQUIRE(r->prefix_count == 1);
  CHECK(to_string(r->prefixes[0].network) == "2001:db8:0:1::");  // cut to its length
  CHECK(r->prefixes[0].length == 64);
  CHECK(r->prefixes[0].on_link);
  CHECK(r->prefixes[0].autonomous);
  CHECK(r->prefixes[0].valid == 3600);
  CHECK(r->prefixes[0].preferred == 1800);
  REQUIRE(r->server_count == 2);
  CHECK(to_string(r->servers[1]) == "2001:db8::54");
  CHECK(r->server_lifetime == 600);
  auto changed = body;
  changed[9] = std::byte{0};
  CHECK_FALSE(router_advertisement::parse({icmpv6::router_advertisement, 0, 0, changed}));
  CHECK_FALSE(router_advertisement::parse({icmpv6::router_advertisement, 0, 0, bytes{body}.first(7)}));
}
