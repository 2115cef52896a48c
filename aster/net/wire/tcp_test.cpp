#include "aster/net/wire/tcp.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "aster/net/siphash.hpp"
#include "aster/net/wire/bytes_test.hpp"
#include "aster/net/wire/checksum.hpp"

using namespace aster::net;
using namespace aster::net::wire;

namespace {

constexpr ipv4_address a{10, 0, 0, 1}, b{10, 0, 0, 2};

std::vector<std::byte> emitted(const tcp& t, std::size_t payload = 0) {
  std::vector<std::byte> out(t.size() + payload, std::byte{0x61});
  t.emit(out);
  checksum sum = pseudo_header(a, b, 6, out.size());
  sum.add(out);
  store16(out, tcp::checksum_offset, sum.value());
  return out;
}

}  // namespace

TEST_CASE("a SYN as Linux sends it") {
  // 10.0.0.1:40000 > 10.0.0.2:80, window 64240, mss 1460, sackOK, timestamps, nop, wscale 7
  const auto segment =
      hex("9c 40 00 50  01 02 03 04  00 00 00 00  a0 02 fa f0  00 00 00 00"
          "02 04 05 b4  04 02 08 0a 11 22 33 44 00 00 00 00  01 03 03 07");
  const auto parsed = tcp::parse(segment, a, b, false);
  REQUIRE(parsed);
  const tcp& h = parsed->header;
  CHECK(h.source_port == 40000);
  CHECK(h.destination_port == 80);
  CHECK(h.sequence == 0x01020304);
  CHECK(h.flags == tcp_flags{.syn = true});
  CHECK(h.window == 64240);
  CHECK(h.options.maximum_segment_size == 1460);
  CHECK(h.options.window_scale == 7);
  CHECK(h.options.sack_permitted);
  CHECK(h.options.timestamps == tcp_options::timestamp{0x11223344, 0});
  CHECK(parsed->payload.empty());
}

TEST_CASE("what is emitted is parsed as it was") {
  tcp t{.source_port = 80,
        .destination_port = 40000,
        .sequence = 0xfffffff0,
        .acknowledgement = 7,
        .flags = {.fin = true, .psh = true, .ack = true},
        .window = 512,
        .options = {}};
  CHECK(tcp::parse(emitted(t), a, b)->header == t);
  t.options.maximum_segment_size = 1460;
  t.options.window_scale = 14;
  t.options.sack_permitted = true;
  t.options.timestamps = {1, 2};
  CHECK(tcp::parse(emitted(t, 5), a, b)->header == t);
  CHECK(tcp::parse(emitted(t, 5), a, b)->payload.size() == 5);
  t.options = {};
  t.options.timestamps = {3, 4};
  t.options.sack = {tcp_options::block{1, 2}, {3, 4}, {5, 6}, {}};
  t.options.sack_count = 3;
  CHECK(t.size() == 60);
  CHECK(tcp::parse(emitted(t, 1), a, b)->header == t);
}

TEST_CASE("a segment cut short anywhere is refused") {
  tcp t{.source_port = 80, .destination_port = 40000, .flags = {.syn = true}, .options = {}};
  t.options.maximum_segment_size = 1460;
  t.options.window_scale = 7;
  const auto whole = emitted(t);
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(tcp::parse(bytes{whole}.first(n), a, b, false));
}

TEST_CASE("bits that flip on the way are noticed") {
  tcp t{.source_port = 80, .destination_port = 40000, .flags = {.ack = true}, .options = {}};
  const auto whole = emitted(t, 10);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    auto flipped = whole;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    CHECK_FALSE(tcp::parse(flipped, a, b));
  }
  CHECK(tcp::parse(whole, b, b).error() == tcp::fault::bad_checksum);
  CHECK(tcp::parse(whole, b, b, false));
}

TEST_CASE("option lists") {
  const auto parse = [](std::string_view text) { return tcp_options::parse(hex(text)); };
  CHECK(parse("") == tcp_options{});
  CHECK(parse("01 01 01 00") == tcp_options{});
  CHECK(parse("00 02 04 05") == tcp_options{});                           // nothing counts after the end
  CHECK(parse("fe 04 00 00 02 04 05 b4")->maximum_segment_size == 1460);  // unknown kinds are skipped
  CHECK(parse("03 03 ff 01")->window_scale == 14);                        // RFC 7323 §2.3
  CHECK_FALSE(parse("02 03 05 01")->maximum_segment_size);                // of another length: skipped
  CHECK_FALSE(parse("02 04 05"));
  CHECK_FALSE(parse("02 00 05 b4"));
  CHECK_FALSE(parse("02 01 05 b4"));
  CHECK_FALSE(parse("01 01 01 02"));
  CHECK(parse("05 0a 00 00 00 01 00 00 00 02 01 01")->sack_count == 1);
  CHECK(parse("05 09 00 00 00 01 00 00 00 01 01 01")->sack_count == 0);
}

TEST_CASE("any bytes are parsed or refused, and what was parsed lies inside them") {
  random_source random{{5, 5}};
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> bytes(random.below(80));
    for (auto& byte : bytes)
      byte = static_cast<std::byte>(random.below(3) == 0 ? random.below(12) : random.below(256));
    const auto parsed = tcp::parse(bytes, a, b, false);
    if (!parsed) continue;
    CHECK(parsed->payload.data() >= bytes.data());
    CHECK(parsed->payload.data() + parsed->payload.size() == bytes.data() + bytes.size());
  }
}

TEST_CASE("urgent data is data like any other (RFC 6093)") {
  tcp t{.source_port = 80, .destination_port = 40000, .flags = {.ack = true}, .options = {}};
  auto urgent = emitted(t, 10);
  urgent[13] |= std::byte{32};  // URG
  store16(urgent, 18, 5);       // … up to here
  const auto parsed = tcp::parse(urgent, a, b, false);
  REQUIRE(parsed);
  CHECK(parsed->header == t);
  CHECK(parsed->payload.size() == 10);
}

TEST_CASE("the bits of explicit congestion notification stand beside the others (RFC 3168 6.1)") {
  const tcp t{.source_port = 80,
              .destination_port = 40000,
              .flags = {.syn = true, .ece = true, .cwr = true},
              .options = {}};
  const auto bytes = emitted(t);
  CHECK(bytes[13] == std::byte{0xc2});
  CHECK(tcp::parse(bytes, a, b)->header == t);
}

TEST_CASE("ports of zero are nobody's") {
  CHECK_FALSE(
      tcp::parse(emitted({.source_port = 0, .destination_port = 1, .flags = {}, .options = {}}), a, b));
  CHECK_FALSE(
      tcp::parse(emitted({.source_port = 1, .destination_port = 0, .flags = {}, .options = {}}), a, b));
}
