// Fragments in every order, and what attackers make of them.
#include "aster/net/reassembly.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "aster/net/siphash.hpp"

using namespace aster::net;
using namespace std::chrono_literals;
using verdict = reassembly::verdict;

namespace {

constexpr ipv4_address peer{10, 0, 0, 1}, other{10, 0, 0, 7}, ours{10, 0, 0, 2};

struct world {
  counters counts;
  reassembly fragments{counts};
  time_point now{};
  std::vector<std::byte> pattern = std::vector<std::byte>(65536);
  std::vector<std::byte> head = std::vector<std::byte>(20, std::byte{0x45});

  world() {
    random_source random{{1, 2}};
    for (auto& b : pattern) b = static_cast<std::byte>(random.next32());
  }

  // Bytes [begin, end) of a datagram whose bytes are the pattern.
  reassembly::result part(std::uint32_t id, std::size_t begin, std::size_t end, bool more,
                          ipv4_address source = peer, std::uint8_t congestion = 0) {
    return fragments.arrived({.from = {source, ours, id, 17},
                              .head = head,
                              .offset = begin,
                              .more = more,
                              .payload = wire::bytes{pattern}.subspan(begin, end - begin),
                              .congestion = congestion},
                             now);
  }
  bool is_whole(const reassembly::result& r, std::size_t size) const {
    return r.what == verdict::complete && r.head_size == head.size() &&
           r.packet.size() == head.size() + size &&
           std::ranges::equal(wire::bytes{r.packet}.first(r.head_size), head) &&
           std::ranges::equal(wire::bytes{r.packet}.subspan(r.head_size), wire::bytes{pattern}.first(size));
  }
  std::uint64_t count(counter c) const { return counts[c]; }
};

}  // namespace

TEST_CASE("a datagram is put together in whatever order its fragments come") {
  world w;
  std::array<int, 4> order{0, 1, 2, 3};
  std::uint32_t id = 0;
  do {
    ++id;
    for (int i = 0; i < 4; ++i) {
      const auto k = static_cast<std::size_t>(order[static_cast<std::size_t>(i)]);
      const auto r = w.part(id, k * 64, k == 3 ? 200 : k * 64 + 64, k != 3);
      if (i < 3) {
        CHECK(r.what == verdict::waiting);
      } else {
        CHECK(w.is_whole(r, 200));
      }
    }
  } while (std::ranges::next_permutation(order).found);
  CHECK(w.count(counter::fragments_reassembled) == 24);
  CHECK(w.fragments.size() == 0);
  CHECK(w.fragments.in_use() == 0);
}

TEST_CASE("the largest datagram, in 1,480-byte fragments, backwards") {
  world w;
  reassembly::result r;
  for (std::size_t begin = 65515 / 1480 * 1480;; begin -= 1480) {
    r = w.part(1, begin, std::min<std::size_t>(begin + 1480, 65515), begin + 1480 < 65515);
    if (begin == 0) break;
  }
  CHECK(w.is_whole(r, 65515));
}

TEST_CASE("fragments of different datagrams are not mixed") {
  world w;
  w.part(1, 0, 64, true);
  CHECK(w.part(2, 64, 100, false).what == verdict::waiting);
  CHECK(w.part(1, 64, 100, false, other).what == verdict::waiting);
  const auto of_tcp = w.fragments.arrived({.from = {peer, ours, 1, 6},
                                           .head = w.head,
                                           .offset = 64,
                                           .more = false,
                                           .payload = wire::bytes{w.pattern}.first(8)},
                                          w.now);
  CHECK(of_tcp.what == verdict::waiting);
  CHECK(w.is_whole(w.part(1, 64, 100, false), 100));
}

TEST_CASE("an exact copy is no overlap; the same place with other bytes is") {
  world w;
  w.part(1, 0, 64, true);
  CHECK(w.part(1, 0, 64, true).what == verdict::waiting);
  w.part(1, 128, 200, false);
  CHECK(w.part(1, 128, 200, false).what == verdict::waiting);
  CHECK(w.count(counter::fragments_duplicate) == 2);
  CHECK(w.is_whole(w.part(1, 64, 128, true), 200));

  w.part(2, 64, 128, true);
  std::ranges::fill(w.pattern, std::byte{0});
  CHECK(w.part(2, 64, 128, true).what == verdict::refused);
  CHECK(w.count(counter::fragments_overlapping) == 1);
}

TEST_CASE("overlapping fragments end a datagram, and what still comes of it stays refused") {
  struct {
    std::size_t begin, end;
    bool more;
  } const bad[] = {
      {32, 96, true},    // teardrop: over the end of the first
      {120, 200, true},  // over the beginning of the second
      {0, 72, true},     // longer than what is there
      {8, 16, true},     // inside: what RFC 1858 calls the tiny fragment
      {0, 256, true},    // around all
      {128, 140, false},
  };
  for (const auto& b : bad) {
    world w;
    w.part(1, 0, 64, true);
    w.part(1, 128, 192, true);
    CHECK(w.part(1, b.begin, b.end, b.more).what == verdict::refused);
    CHECK(w.count(counter::fragments_overlapping) == 1);
    CHECK(w.fragments.in_use() == 0);
    w.part(1, 64, 128, true);
    CHECK(w.part(1, 0, 64, true).what == verdict::refused);
    CHECK(w.part(1, 192, 200, false).what == verdict::refused);
    CHECK(w.count(counter::fragments_refused) == 3);
    // When it would have timed out the identification is free again, and nobody is told anything.
    w.now += reassembly::lifetime_v4;
    w.fragments.expired(w.now, [](wire::bytes) { FAIL("no error about an attack"); });
    w.part(1, 0, 64, true);
    CHECK(w.is_whole(w.part(1, 64, 70, false), 70));
  }
}

TEST_CASE("a datagram has one end, and nothing lies behind it") {
  world w;
  w.part(1, 64, 100, false);
  CHECK(w.part(1, 104, 112, true).what == verdict::refused);
  w.part(2, 64, 100, false);
  CHECK(w.part(2, 104, 112, false).what == verdict::refused);
  w.part(3, 128, 192, true);
  CHECK(w.part(3, 0, 64, false).what == verdict::refused);
  w.part(4, 0, 64, true);
  w.part(4, 64, 128, true);
  CHECK(w.part(4, 64, 128, false).what == verdict::refused);  // a copy, but for the flag
}

TEST_CASE("fragments that no sender makes are malformed") {
  world w;
  CHECK(w.part(1, 0, 65, true).what == verdict::malformed);
  CHECK(w.part(1, 0, 0, true).what == verdict::malformed);
  CHECK(w.part(1, 8, 8, false).what == verdict::malformed);
  CHECK(w.part(1, 65528, 65536, false).what == verdict::too_large);  // the ping of death
  CHECK(w.part(1, 65528, 65535, false).what == verdict::waiting);
  CHECK(w.count(counter::fragments_malformed) == 4);
}

TEST_CASE("what waits too long is given up; its sender hears of it when the first fragment was there") {
  world w;
  w.part(1, 0, 64, true);
  w.now += 1s;
  w.part(2, 64, 128, true);
  std::vector<std::vector<std::byte>> told;
  const auto tell = [&](wire::bytes quote) { told.emplace_back(quote.begin(), quote.end()); };
  w.fragments.expired(w.now, tell);
  CHECK(w.fragments.deadline() == time_point{} + 15s);
  w.now = w.fragments.deadline();
  w.fragments.expired(w.now, tell);
  REQUIRE(told.size() == 1);
  CHECK(told[0].size() == w.head.size() + 64);
  w.now = w.fragments.deadline();
  w.fragments.expired(w.now, tell);
  CHECK(told.size() == 1);
  CHECK(w.count(counter::fragments_timed_out) == 2);
  CHECK(w.fragments.deadline() == never);
  CHECK(w.fragments.in_use() == 0);
}

TEST_CASE("one source cannot take more than its share, and harms only itself") {
  world w;
  w.part(1, 0, 1480, true, other);
  for (std::uint32_t id = 0; id < 1000; ++id) {
    w.part(id, 0, 8000, true);
    REQUIRE(w.fragments.in_use() <= reassembly::source_limit + 2000);
  }
  CHECK(w.is_whole(w.part(1, 1480, 1500, false, other), 1500));
  CHECK(w.is_whole(w.part(999, 8000, 8008, false), 8008));  // its newest is still there
  CHECK(w.count(counter::fragments_limit) > 900);
}

TEST_CASE("thousands of sources stay within the budget, and a quick datagram gets through") {
  world w;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const ipv4_address from{0x0b000000 + i};
    w.part(i, 1480, 2960, true, from);
    w.part(i, 8000, 9480, true, from);
    REQUIRE(w.fragments.in_use() <= reassembly::byte_limit);
    REQUIRE(w.fragments.size() <= reassembly::datagram_limit);
    if (i % 100 == 0) {
      w.part(i, 0, 1480, true);
      CHECK(w.is_whole(w.part(i, 1480, 3000, false), 3000));
    }
  }
}

TEST_CASE("a datagram of ever smaller fragments is given up") {
  world w;
  for (std::size_t i = 0; i < reassembly::fragment_limit; ++i)
    CHECK(w.part(1, i * 16, i * 16 + 8, true).what == verdict::waiting);
  CHECK(w.part(1, 60000, 60008, true).what == verdict::refused);
  CHECK(w.fragments.in_use() == 0);
}

TEST_CASE("marks of congestion survive, and contradictions do not (RFC 3168 §5.3)") {
  world w;
  const auto two = [&](std::uint32_t id, std::uint8_t first, std::uint8_t second) {
    w.part(id, 0, 8, true, peer, first);
    return w.part(id, 8, 16, false, peer, second);
  };
  CHECK(two(1, 0, 0).congestion == 0);
  CHECK(two(2, 2, 2).congestion == 2);
  CHECK(two(3, 2, 3).congestion == 3);
  CHECK(two(4, 3, 2).congestion == 3);
  CHECK(two(5, 0, 3).what == verdict::refused);
  CHECK(two(6, 2, 0).what == verdict::refused);
}
