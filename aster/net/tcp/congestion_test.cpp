// How much may be under way, and for how long it is waited for.
#include "aster/net/tcp/congestion.hpp"

#include <doctest/doctest.h>

#include "aster/net/tcp/proportional_rate.hpp"
#include "aster/net/tcp/retransmission_timer.hpp"

using namespace aster::net;
using namespace aster::net::tcp;
using namespace std::chrono_literals;

TEST_CASE("the timeout by RFC 6298") {
  const settings s;
  retransmission_timer t{s};
  CHECK(t.timeout(s) == 1s);
  t.measured(100ms, s);
  CHECK(t.smoothed() == 100ms);
  CHECK(t.variation() == 50ms);
  CHECK(t.timeout(s) == 300ms);
  t.measured(200ms, s);
  CHECK(t.variation() == 62500us);
  CHECK(t.smoothed() == 112500us);
  CHECK(t.timeout(s) == 362500us);
  t.back_off();
  CHECK(t.timeout(s) == 725ms);
  for (int i = 0; i < 100; ++i) t.back_off();
  CHECK(t.timeout(s) == 60s);
  t.progress();
  CHECK(t.timeout(s) == 362500us);
  for (int i = 0; i < 100; ++i) t.measured(1ms, s);
  CHECK(t.timeout(s) == 200ms);
}

TEST_CASE("the window opens by what is acknowledged, then by a segment a round trip") {
  new_reno c{1000};
  const duration r = 10ms;
  const time_point now{};
  CHECK(c.window() == 10000);
  c.acknowledged(2000, true, r, now);
  CHECK(c.window() == 12000);
  c.acknowledged(2000, false, r, now);  // it was not filled
  CHECK(c.window() == 12000);
  c.reduce(12000, now);
  CHECK(c.slow_start_threshold() == 6000);
  CHECK(c.window() == 6000);
  for (int i = 0; i < 6; ++i) c.acknowledged(1000, true, r, now);
  CHECK(c.window() == 7000);
  c.timed_out(7000, true, now);
  CHECK(c.window() == 1000);
  CHECK(c.slow_start_threshold() == 3500);
  c.timed_out(1000, false, now);  // the same data once more
  CHECK(c.slow_start_threshold() == 3500);
  c.acknowledged(9000, true, r, now);
  CHECK(c.window() == 2000);
}

TEST_CASE("CUBIC: the window keeps 0.7 after a loss, is back where it was after K, and then seeks beyond") {
  cubic c{1000};
  time_point now{};
  const duration r = 100ms;
  while (c.window() < 200'000) c.acknowledged(10'000, true, r, now);
  c.reduce(c.window(), now);
  CHECK(c.window() == 140'000);
  CHECK(c.slow_start_threshold() == 140'000);
  // K = cbrt(200 * 0.3 / 0.4) = 5.3 s (RFC 9438 §4.2)
  std::uint32_t before = c.window(), at_3 = 0, at_5 = 0, at_9 = 0;
  while (now < time_point{9s}) {
    now += r / 10;
    c.acknowledged(c.window() / 10, true, r, now);
    CHECK(c.window() >= before);
    before = c.window();
    if (now == time_point{3s}) at_3 = before;
    if (now == time_point{5s}) at_5 = before;
  }
  at_9 = before;
  CHECK(at_3 > 190'000);
  CHECK(at_5 >= 195'000);
  CHECK(at_5 <= 205'000);
  CHECK(at_9 > 214'000);
  CHECK(at_9 < 225'000);
  // A second loss below the first: somebody else needs room (§4.7).
  c.reduce(100'000, now);
  CHECK(c.window() == 70'000);
}

TEST_CASE("CUBIC on a short path follows the classic window (RFC 9438 4.3)") {
  cubic c{1000};
  new_reno n{1000};
  time_point now{};
  const duration r = 1ms;
  while (c.window() < 20'000) c.acknowledged(1000, true, r, now);
  c.reduce(20'000, now);
  for (int i = 0; i < 40; ++i) {  // round trips
    now += r;
    c.acknowledged(c.window(), true, r, now);
  }
  // 0.53 segments a round trip until it is back at 20, then one.
  CHECK(c.window() > 40'000);
  CHECK(c.window() < 50'000);
}

TEST_CASE("a reduction spread over what arrives (RFC 6937)") {
  proportional_rate p;
  p.start(20'000, 1000);
  CHECK(p.quota() == 1000);  // the lost one goes at once
  p.sent(1000);
  // 20 segments under way, one lost: each that arrives lets 0.7 of itself out.
  std::uint32_t pipe = 19'000, out = 1000;
  for (int i = 0; i < 18; ++i) {
    pipe -= 1000;
    p.acknowledged(1000, pipe, 14'000, false, 1000);
    const std::uint32_t n = p.quota() / 1000 * 1000;
    p.sent(n);
    pipe += n;
    out += n;
  }
  CHECK(out >= 12'000);
  CHECK(out <= 14'000);
  CHECK(pipe <= 14'000);
}
