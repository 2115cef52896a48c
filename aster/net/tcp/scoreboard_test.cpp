// What is under way, and what of it is lost.
#include "aster/net/tcp/scoreboard.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "aster/net/siphash.hpp"
#include "aster/net/tcp/rack.hpp"

using namespace aster::net;
using namespace aster::net::tcp;
using namespace std::chrono_literals;

TEST_CASE("a scoreboard adds up, whatever is sent, reported and lost") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    random_source random{{seed, 7}};
    flight_pool pool;
    scoreboard board{pool};
    // The model: what became of each byte.
    enum class fate : std::uint8_t { under_way, sacked, lost };
    const std::uint32_t origin = 0xffffff00;
    std::vector<fate> model;
    std::uint32_t una = 0;
    time_point now{};
    const auto at = [&](std::uint32_t offset) { return sequence{origin + offset}; };
    for (int step = 0; step < 200; ++step) {
      now += 1ms * random.below(3);
      const auto end = static_cast<std::uint32_t>(model.size());
      switch (random.below(5)) {
        case 0: {
          const std::uint32_t n = 1 + random.below(40);
          board.sent(at(end), at(end + n), false, now);
          model.resize(end + n, fate::under_way);
          break;
        }
        case 1: {
          const std::uint32_t to = una + random.below(end - una + 1);
          delivery d;
          board.acknowledged(at(to), now, d);
          std::uint32_t fresh = 0;
          for (std::uint32_t i = una; i < to; ++i) fresh += model[i] != fate::sacked;
          CHECK(d.bytes == fresh);
          una = to;
          break;
        }
        case 2: {
          if (una == end) break;
          const std::uint32_t from = una + random.below(end - una), to = from + 1 + random.below(end - from);
          delivery d;
          board.selectively_acknowledged(at(from), at(to), now, d);
          std::uint32_t fresh = 0;
          for (std::uint32_t i = from; i < to; ++i) {
            fresh += model[i] != fate::sacked;
            model[i] = fate::sacked;
          }
          CHECK(d.bytes == fresh);
          break;
        }
        case 3: {
          if (random.below(3) > 0) break;
          const bool reneged = una < end && model[una] == fate::sacked;
          board.mark_all_lost();
          for (std::uint32_t i = una; i < end; ++i)
            if (reneged || model[i] != fate::sacked) model[i] = fate::lost;
          break;
        }
        case 4: {
          std::uint32_t size = 0;
          const flight* f = board.first_lost(size);
          if (f == nullptr) break;
          const std::uint32_t from = distance(at(0), f->begin);
          const std::uint32_t n = 1 + random.below(size);
          for (std::uint32_t i = from; i < from + size; ++i) REQUIRE(model[i] == fate::lost);
          board.sent(at(from), at(from + n), true, now);
          for (std::uint32_t i = from; i < from + n; ++i) model[i] = fate::under_way;
          break;
        }
      }
      CHECK(board.total() == model.size() - una);
      CHECK(board.sacked() ==
            static_cast<std::uint32_t>(std::count(model.begin() + una, model.end(), fate::sacked)));
      CHECK(board.lost() ==
            static_cast<std::uint32_t>(std::count(model.begin() + una, model.end(), fate::lost)));
    }
  }
}

TEST_CASE("a round trip is measured of what was sent once (Karn)") {
  flight_pool pool;
  scoreboard board{pool};
  const time_point t{};
  board.sent({0}, {1000}, false, t);
  board.sent({1000}, {2000}, false, t + 1ms);
  board.sent({2000}, {3000}, false, t + 2ms);
  board.mark_front_lost(1000);
  board.sent({0}, {1000}, true, t + 10ms);
  delivery d;
  board.acknowledged({3000}, t + 20ms, d);
  CHECK(d.bytes == 3000);
  CHECK(d.round_trip == 19ms);
  CHECK(d.least == 18ms);
  CHECK(d.newest->at == t + 10ms);
  CHECK(d.newest->retransmitted);
  CHECK(board.empty());
}

TEST_CASE("RACK: what was sent before something that arrived is lost after a quarter of a round trip") {
  flight_pool pool;
  scoreboard board{pool};
  rack r;
  const time_point t{};
  for (std::uint32_t i = 0; i < 5; ++i) board.sent({i * 1000}, {i * 1000 + 1000}, false, t + i * 1ms);
  delivery d;
  board.selectively_acknowledged({2000}, {3000}, t + 22ms, d);  // round trip 20 ms
  r.delivered(d, std::nullopt, t + 22ms);
  CHECK(r.detect(board, false, 20ms, t + 22ms) == t + 25ms);  // the first: 20 ms and a quarter of that
  CHECK(board.lost() == 0);
  CHECK(r.detect(board, false, 20ms, t + 25ms) == t + 26ms);
  CHECK(board.lost() == 1000);
  // With three segments ahead of it and no sign of reordering there is nothing to wait for.
  CHECK(r.detect(board, true, 20ms, t + 25ms) == never);
  CHECK(board.lost() == 2000);
  // The path turns out to reorder: the second comes after all.
  delivery late;
  board.selectively_acknowledged({1000}, {2000}, t + 26ms, late);
  CHECK(late.reordered);
  r.delivered(late, std::nullopt, t + 26ms);
  CHECK(r.reordering_seen());
}
