// What stands in the fields and options of a segment, each kind for itself.
#include <doctest/doctest.h>

#include "aster/net/siphash.hpp"
#include "aster/net/tcp/isn.hpp"
#include "aster/net/tcp/sack_blocks.hpp"
#include "aster/net/tcp/sequence.hpp"
#include "aster/net/tcp/timestamps.hpp"

using namespace aster::net;
using namespace aster::net::tcp;
using namespace std::chrono_literals;

TEST_CASE("sequence numbers compare around zero") {
  const sequence before{0xfffffff0}, after = before + 0x20;
  CHECK(before < after);
  CHECK(after > before);
  CHECK(after - before == 0x20);
  CHECK(before - after == -0x20);
  CHECK(distance(before, after) == 0x20);
  CHECK(later(before, after) == after);
  CHECK(before <= before);
}

TEST_CASE("blocks: the latest first, then those reported most recently (RFC 2018 4)") {
  sack_blocks b;
  const auto range = [](std::uint64_t position) -> std::optional<std::pair<sequence, sequence>> {
    if (position == 0) return std::nullopt;
    const auto at = static_cast<std::uint32_t>(position / 1000 * 1000);
    return std::pair{sequence{at}, sequence{at + 500}};
  };
  wire::tcp_options o;
  b.fill(o, 3, range);
  CHECK(o.sack_count == 0);
  for (const std::uint64_t p : {1000u, 3000u, 5000u, 7000u}) b.arrived(p);
  b.fill(o, 3, range);
  REQUIRE(o.sack_count == 3);
  CHECK(o.sack[0].begin == 7000);
  CHECK(o.sack[1].begin == 5000);
  CHECK(o.sack[2].begin == 3000);
  b.arrived(3100);  // in the same range as before
  b.fill(o, 3, range);
  CHECK(o.sack[0].begin == 3000);
  CHECK(o.sack[1].begin == 7000);
  CHECK(o.sack[2].begin == 5000);
  b.duplicate({100}, {200});
  b.fill(o, 3, range);
  CHECK(o.sack[0] == sack_blocks::block{100, 200});
  CHECK(o.sack[1].begin == 3000);
  b.sent();
  b.fill(o, 4, range);
  CHECK(o.sack[0].begin == 3000);
}

TEST_CASE("timestamps: old ones are known, and the clock of what ran ahead is not echoed (RFC 7323)") {
  timestamps t{1'000'000};
  time_point now{100s};
  CHECK_FALSE(t.agreed());
  t.agree(500, now);
  const auto seg = [](std::uint32_t seq, std::uint32_t value, std::uint32_t echo = 0) {
    segment s;
    s.seq = {seq};
    s.flags.ack = true;
    s.options.timestamps = {value, echo};
    return s;
  };
  CHECK_FALSE(t.is_old(seg(0, 500), now));
  CHECK(t.is_old(seg(0, 499), now));
  CHECK_FALSE(t.is_old(seg(0, 499), now + 25 * 24h));
  t.accepted(seg(10, 600), {10}, now);
  CHECK(t.recent() == 600);
  t.accepted(seg(20, 700), {10}, now);  // ahead of a gap
  CHECK(t.recent() == 600);
  CHECK(t.value(now + 5ms) == t.value(now) + 5);
  CHECK(t.round_trip(seg(0, 1, t.value(now)), now + 7ms) == 7ms);
  CHECK_FALSE(t.round_trip(seg(0, 1, t.value(now) + 1000), now));  // of the future
  CHECK_FALSE(t.round_trip(seg(0, 1, 0), now));
}

TEST_CASE("initial numbers go up with time and differ by pair and key (RFC 6528)") {
  const connection_id one{{{10, 0, 0, 2}, 80}, {{10, 0, 0, 1}, 40000}},
      other{{{10, 0, 0, 2}, 80}, {{10, 0, 0, 1}, 40001}};
  const siphash_key key{1, 2};
  const time_point now{5s};
  CHECK(initial_sequence(key, one, now + 4us) == initial_sequence(key, one, now) + 1);
  CHECK(initial_sequence(key, one, now + 1s) == initial_sequence(key, one, now) + 250'000);
  CHECK(initial_sequence(key, one, now) != initial_sequence(key, other, now));
  CHECK(initial_sequence(key, one, now) != initial_sequence({1, 3}, one, now));
}

TEST_CASE("a pair of IPv6 is hashed whole") {
  const ipv6_address here{0x2001, 0xdb8, 0, 0, 0, 0, 0, 2}, there{0x2001, 0xdb8, 0, 0, 0, 0, 0, 1};
  const connection_id id{{here, 80}, {there, 40000}};
  const siphash_key key{1, 2};
  for (std::size_t byte = 0; byte < 16; ++byte) {
    ipv6_address changed = there;
    changed.bytes[byte] ^= 1;
    CHECK(pair_hash(key, id) != pair_hash(key, {{here, 80}, {changed, 40000}}));
    changed = here;
    changed.bytes[byte] ^= 1;
    CHECK(pair_hash(key, id) != pair_hash(key, {{changed, 80}, {there, 40000}}));
  }
}
