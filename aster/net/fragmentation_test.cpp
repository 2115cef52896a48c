// Packets that are cut, held against the reassembly and against the headers byte by byte.
#include "aster/net/fragmentation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "aster/net/reassembly.hpp"

using namespace aster::net;

namespace {

using frame = std::vector<std::byte>;
constexpr ipv4_address ours{10, 0, 0, 2}, peer{10, 0, 0, 1};

frame pattern(std::size_t size) {
  frame f(size);
  random_source random{{3, 4}};
  for (auto& b : f) b = static_cast<std::byte>(random.next32());
  return f;
}

frame ipv4_head(wire::ipv4 h) {
  frame f(34);
  wire::ethernet{{}, {}, wire::ethernet::type_ipv4}.emit(f);
  h.emit(std::span{f}.subspan(14));
  return f;
}

std::vector<frame> cut(std::span<const wire::bytes> pieces, std::size_t mtu, std::uint32_t id = 0) {
  packet_cutter cutter{pieces, mtu, id};
  std::vector<frame> out;
  while (const auto fragment = cutter.next()) {
    frame f;
    for (const wire::bytes piece : *fragment) f.insert(f.end(), piece.begin(), piece.end());
    CHECK(f.size() <= 14 + mtu);
    out.push_back(std::move(f));
  }
  return out;
}

// What the other side makes of them.
frame whole(const std::vector<frame>& fragments) {
  counters counts;
  reassembly put{counts};
  frame result;
  for (const frame& f : fragments) {
    const auto p = wire::ipv4::parse(wire::bytes{f}.subspan(14));
    REQUIRE(p);
    const auto r = put.arrived(
        {.from = {p->header.source, p->header.destination, p->header.identification, p->header.protocol},
         .head = wire::bytes{f}.subspan(14, p->header_size),
         .offset = p->header.fragment_offset,
         .more = p->header.more_fragments,
         .payload = p->payload},
        time_point{});
    if (r.what == reassembly::verdict::complete)
      result.assign(r.packet.begin() + static_cast<long>(r.head_size), r.packet.end());
  }
  return result;
}

}  // namespace

TEST_CASE("a packet in pieces is cut without regard to them, at multiples of eight") {
  const frame payload = pattern(5000);
  for (const std::size_t mtu : {68u, 100u, 576u, 1280u, 1500u, 4999u}) {
    for (const std::size_t split : {0u, 1u, 1473u, 2960u, 4999u}) {
      frame head = ipv4_head({.source = ours,
                              .destination = peer,
                              .protocol = 17,
                              .identification = 0x1234,
                              .dont_fragment = false,
                              .payload_size = 5000});
      head.insert(head.end(), payload.begin(), payload.begin() + 8);  // the transport's header
      const std::array<wire::bytes, 3> pieces{
          head, wire::bytes{payload}.subspan(8, std::max<std::size_t>(split, 8) - 8),
          wire::bytes{payload}.subspan(std::max<std::size_t>(split, 8))};
      const auto fragments = cut(pieces, mtu);
      CHECK(fragments.size() == (5000 + (mtu - 20) / 8 * 8 - 1) / ((mtu - 20) / 8 * 8));
      CHECK(whole(fragments) == payload);
    }
  }
}

TEST_CASE("a fragment is cut again, by a router, and still fits its datagram") {
  const frame payload = pattern(3000);
  const frame head = ipv4_head(
      {.source = ours, .destination = peer, .protocol = 17, .dont_fragment = false, .payload_size = 3000});
  const std::array<wire::bytes, 2> pieces{head, payload};
  std::vector<frame> again;
  for (const frame& f : cut(pieces, 1500)) {
    const wire::bytes piece = f;
    for (auto& small : cut({&piece, 1}, 576)) again.push_back(std::move(small));
  }
  CHECK(again.size() == 7);
  CHECK(whole(again) == payload);
}

TEST_CASE("later fragments carry the options that say so, and no others (RFC 791 §3.1)") {
  const frame payload = pattern(100);
  frame head = ipv4_head({.source = ours, .destination = peer, .protocol = 17, .dont_fragment = false});
  // Record route (not copied), no operation, router alert (copied), end.
  for (const int b : {7, 3, 4, 1, 148, 4, 0, 0}) head.push_back(static_cast<std::byte>(b));
  head[14] = std::byte{0x47};
  const std::array<wire::bytes, 2> pieces{head, payload};
  const auto fragments = cut(pieces, 68);
  REQUIRE(fragments.size() == 3);
  CHECK(fragments[0].size() == 14 + 28 + 40);
  CHECK(std::ranges::equal(wire::bytes{fragments[0]}.subspan(34, 8), wire::bytes{head}.subspan(34)));
  for (std::size_t i = 1; i < 3; ++i) {
    CHECK(fragments[i][14] == std::byte{0x46});
    CHECK(std::ranges::equal(wire::bytes{fragments[i]}.subspan(34, 4), wire::bytes{head}.subspan(38, 4)));
  }
  CHECK(whole(fragments) == payload);
}

TEST_CASE("an IPv6 packet gets a fragment header (RFC 8200 §4.5)") {
  const frame payload = pattern(3000);
  frame head(54);
  wire::ethernet{{}, {}, 0x86dd}.emit(head);
  head[14] = std::byte{0x60};
  wire::store16(head, 18, 3000);
  head[20] = std::byte{17};
  const std::array<wire::bytes, 2> pieces{head, payload};
  const auto fragments = cut(pieces, 1500, 0xcafe1234);
  REQUIRE(fragments.size() == 3);
  std::size_t at = 0;
  for (const frame& f : fragments) {
    CHECK(wire::load16(f, 18) == f.size() - 54);
    CHECK(wire::load8(f, 20) == 44);
    CHECK(wire::load8(f, 54) == 17);
    CHECK(wire::load16(f, 56) == (at | (&f == &fragments.back() ? 0 : 1)));
    CHECK(wire::load32(f, 58) == 0xcafe1234);
    CHECK(std::ranges::equal(wire::bytes{f}.subspan(62), wire::bytes{payload}.subspan(at, f.size() - 62)));
    at += f.size() - 62;
  }
  CHECK(at == 3000);
}

TEST_CASE("identifications do not come again soon, and tell nothing about those to others") {
  random_source random{{5, 6}};
  fragment_identification ids{random};
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 65536; ++i) seen.insert(static_cast<std::uint16_t>(ids.next(ours, peer, 17)));
  CHECK(seen.size() == 65536);
  const auto to_peer = ids.next(ours, peer, 17);
  CHECK(ids.next(ours, {10, 0, 0, 3}, 17) - to_peer > 1000);
  CHECK(ids.next(ours, peer, 1) - to_peer > 1000);
}
