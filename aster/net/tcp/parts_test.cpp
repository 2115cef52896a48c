// The parts of a connection, each for itself.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "aster/net/counters.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/tcp/acceptor.hpp"
#include "aster/net/tcp/congestion.hpp"
#include "aster/net/tcp/host.hpp"
#include "aster/net/tcp/isn.hpp"
#include "aster/net/tcp/proportional_rate.hpp"
#include "aster/net/tcp/rack.hpp"
#include "aster/net/tcp/reassembler.hpp"
#include "aster/net/tcp/retransmission_timer.hpp"
#include "aster/net/tcp/sack_blocks.hpp"
#include "aster/net/tcp/scoreboard.hpp"
#include "aster/net/tcp/send_queue.hpp"
#include "aster/net/tcp/sequence.hpp"
#include "aster/net/tcp/table.hpp"
#include "aster/net/tcp/time_wait.hpp"
#include "aster/net/tcp/timestamps.hpp"

using namespace aster::net;
using namespace aster::net::tcp;
using namespace std::chrono_literals;

namespace {

wire::bytes as_bytes(std::string_view text) { return std::as_bytes(std::span{text}); }

std::string read_all(reassembler& r) {
  std::string text(r.readable(), '\0');
  const std::size_t n = r.read(std::as_writable_bytes(std::span{text}));
  CHECK(n == text.size());
  return text;
}

std::string gathered(send_queue& q, std::size_t offset, std::size_t length) {
  std::string text;
  while (length > 0) {
    wire::bytes pieces[3];
    std::size_t described = 0;
    const std::size_t n = q.gather(offset, length, pieces, described);
    REQUIRE(n > 0);
    for (std::size_t i = 0; i < n; ++i)
      text.append(reinterpret_cast<const char*>(pieces[i].data()), pieces[i].size());
    offset += described;
    length -= described;
  }
  return text;
}

}  // namespace

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

// --- Reassembly -------------------------------------------------------------------------------------------

TEST_CASE("a reassembler puts words into order") {
  chunk_pool pool{1 << 20};
  reassembler r{pool};
  using enum reassembler::outcome;
  CHECK(r.insert(5, as_bytes("world")) == out_of_order);
  CHECK(r.readable() == 0);
  CHECK(r.has_gap());
  CHECK(r.insert(0, as_bytes("hello")) == filled_gap);
  CHECK_FALSE(r.has_gap());
  CHECK(r.insert(3, as_bytes("lo")) == duplicate);
  CHECK(r.insert(8, as_bytes("ld!")) == in_order);
  CHECK(read_all(r) == "helloworld!");
  CHECK(pool.in_use() == 0);
}

TEST_CASE("a reader that waits gets bytes at once, and those for which it has no room wait for it") {
  chunk_pool pool{1 << 20};
  reassembler r{pool};
  char out[8];
  r.set_reader(std::as_writable_bytes(std::span{out}));
  r.insert(0, as_bytes("hello"));
  CHECK(r.reader_bytes() == 5);
  CHECK(r.readable() == 0);
  CHECK(pool.in_use() == 0);
  r.insert(5, as_bytes("world"));
  CHECK(r.take_reader_bytes() == 8);
  CHECK(std::string_view{out, 8} == "hellowor");
  CHECK(read_all(r) == "ld");
}

TEST_CASE("bytes beyond a gap never overtake a waiting reader") {
  chunk_pool pool{1 << 20};
  reassembler r{pool};
  char out[20];
  r.insert(5, as_bytes("world"));
  r.set_reader(std::as_writable_bytes(std::span{out}));
  r.insert(0, as_bytes("hello"));
  CHECK(r.take_reader_bytes() == 5);
  CHECK(read_all(r) == "world");
  CHECK(pool.in_use() == 0);
}

TEST_CASE("a reader that leaves gives its bytes back") {
  chunk_pool pool{1 << 20};
  reassembler r{pool};
  char out[4];
  r.insert(0, as_bytes("xy"));
  CHECK(read_all(r) == "xy");
  r.set_reader(std::as_writable_bytes(std::span{out}));
  r.insert(2, as_bytes("hello"));
  CHECK(r.return_reader_bytes());
  CHECK(r.readable() == 5);
  CHECK(read_all(r) == "hello");
  CHECK(pool.in_use() == 0);
}

TEST_CASE("any pieces in any order make the stream, and leave no memory behind") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    random_source random{{seed, 9}};
    std::string stream(random.below(30000), '\0');
    for (auto& c : stream) c = static_cast<char>(random.next32());
    chunk_pool pool{1 << 20};
    reassembler r{pool};
    std::string got;
    char out[3000];
    while (got.size() < stream.size()) {
      const auto window = std::min<std::size_t>(stream.size(), r.next() + 10000);
      const std::size_t from =
          r.next() < 500 ? random.below(static_cast<std::uint32_t>(window))
                         : r.next() - 500 + random.below(static_cast<std::uint32_t>(window - r.next() + 500));
      const std::size_t size = std::min<std::size_t>(window - from, 1 + random.below(2000));
      const bool reading = random.below(3) == 0;
      if (reading) r.set_reader(std::as_writable_bytes(std::span{out}.first(random.below(3000))));
      r.insert(from, as_bytes(std::string_view{stream}.substr(from, size)));
      if (reading) {
        if (random.below(5) == 0) {
          REQUIRE(r.return_reader_bytes());
        } else {
          got.append(out, r.take_reader_bytes());
        }
      }
      if (random.below(4) == 0) got += read_all(r);
      if (r.next() == stream.size()) got += read_all(r);
    }
    CHECK(got == stream);
    CHECK(pool.in_use() == 0);
  }
}

// --- The send queue ---------------------------------------------------------------------------------------

TEST_CASE("a send queue describes any part of what it holds") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    random_source random{{seed, 8}};
    chunk_pool pool{1 << 22};
    send_queue q{pool};
    std::string held;
    std::vector<std::unique_ptr<std::string>> lent;
    for (int step = 0; step < 300; ++step) {
      std::string fresh(random.below(6000), '\0');
      for (auto& c : fresh) c = static_cast<char>(random.next32());
      switch (random.below(5)) {
        case 0:
        case 1:
          REQUIRE(q.append(as_bytes(fresh)) == fresh.size());
          held += fresh;
          break;
        case 2:
          lent.push_back(std::make_unique<std::string>(fresh));
          REQUIRE(q.lend(as_bytes(*lent.back())));
          held += fresh;
          break;
        case 3: {
          const std::size_t n = random.below(static_cast<std::uint32_t>(held.size() + 1));
          q.drop(n);
          held.erase(0, n);
          break;
        }
        case 4:
          REQUIRE(q.settle());
          CHECK(q.lent() == 0);
          for (auto& s : lent) std::ranges::fill(*s, 'x');
          lent.clear();
          if (random.below(3) == 0) {
            const std::size_t n = random.below(static_cast<std::uint32_t>(held.size() + 1));
            q.truncate(n);
            held.resize(n);
          }
          break;
      }
      REQUIRE(q.size() == held.size());
      if (held.empty()) continue;
      const std::size_t at = random.below(static_cast<std::uint32_t>(held.size()));
      const std::size_t n = random.below(static_cast<std::uint32_t>(held.size() - at + 1));
      CHECK(gathered(q, at, n) == held.substr(at, n));
    }
    q.clear();
    CHECK(pool.in_use() == 0);
  }
}

TEST_CASE("a send queue takes what memory there is") {
  chunk_pool pool{64 * 1024};
  send_queue q{pool};
  const std::string much(100'000, 'm');
  CHECK(q.append(as_bytes(much)) == 8 * chunk::capacity);  // half of the budget
  CHECK(q.append(as_bytes(much)) == 0);
  send_queue other{pool};
  CHECK(other.append(as_bytes(much)) == chunk::capacity);  // its first
  q.drop(chunk::capacity);
  CHECK(q.append(as_bytes(much)) == 0);  // what came back is the half that all may have
}

// --- Times and windows ------------------------------------------------------------------------------------

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

// --- The scoreboard ---------------------------------------------------------------------------------------

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

// --- Selective acknowledgement ----------------------------------------------------------------------------

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

// --- Tables -----------------------------------------------------------------------------------------------

TEST_CASE("the table of those that rest finds, restarts, expires and evicts") {
  time_wait_table table{100, {1, 2}};
  const auto id = [](std::uint16_t port) {
    return connection_id{{{10, 0, 0, 2}, 80}, {{10, 0, 0, 1}, port}};
  };
  time_point now{};
  for (std::uint16_t i = 0; i < 100; ++i)
    CHECK_FALSE(table.add({id(i), {i}, {}, 0, now + 60s + i * 1ms, {}}));
  CHECK(table.size() == 100);
  for (std::uint16_t i = 0; i < 100; ++i) {
    REQUIRE(table.find(id(i)) != nullptr);
    CHECK(table.find(id(i))->snd_nxt == sequence{i});
  }
  CHECK(table.add({id(100), {}, {}, 0, now + 61s, {}}));
  CHECK(table.find(id(0)) == nullptr);
  table.restart(id(1), now + 90s);
  table.remove(id(50));
  CHECK(table.size() == 99);
  table.expire(now + 61s);
  CHECK(table.size() == 1);
  CHECK(table.deadline() == now + 90s);
  CHECK(table.find(id(1)) != nullptr);
  table.expire(now + 90s);
  CHECK(table.size() == 0);
  CHECK(table.deadline() == never);
}

TEST_CASE("connections are found by their ends, and timers come in order") {
  chunk_pool pool{1 << 20};
  counters counts;
  settings defaults;
  flight_pool flights;
  environment env{defaults, pool, counts, rate_limit{1, 1s}, 1500, false, false, flights, {}};
  connection_table table{{3, 4}};
  timer_queue timers;
  std::vector<std::unique_ptr<entry>> entries;
  random_source random{{1, 1}};
  REQUIRE(timers.reserve(1000));
  for (std::uint16_t i = 1; i <= 1000; ++i) {
    const connection_id id{{{10, 0, 0, 2}, 80}, {{10, 0, 0, 1}, i}};
    entries.push_back(std::make_unique<entry>(env, id, sequence{i}, time_point{}));
    REQUIRE(table.add(*entries.back()));
    timers.schedule(*entries.back(), time_point{1ms * random.below(1000)});
  }
  CHECK(table.size() == 1000);
  for (const auto& e : entries) CHECK(table.find(e->id()) == e.get());
  timers.schedule(*entries[7], time_point{-1ms});  // sooner
  timers.schedule(*entries[8], never);             // later: stays
  CHECK(timers.take(time_point{}) == entries[7].get());
  timers.remove(*entries[9]);
  std::size_t taken = 1;
  for (time_point now{}; now < time_point{1s}; now += 1ms) {
    CHECK(timers.deadline() >= now);
    while (entry* e = timers.take(now)) {
      CHECK(e != entries[9].get());
      ++taken;
    }
  }
  CHECK(taken == 999);
  CHECK(timers.deadline() == never);
  for (std::size_t i = 0; i < 1000; i += 2) table.remove(*entries[i]);
  CHECK(table.size() == 500);
  for (std::size_t i = 0; i < 1000; ++i) CHECK((table.find(entries[i]->id()) != nullptr) == (i % 2 == 1));
}

TEST_CASE("source ports are random, and no two of one pair of ends are the same (RFC 6056)") {
  struct final_sink final : packet_sink {
    result send(packet&, time_point) override { return result::sent; }
  } sink;
  chunk_pool pool{1 << 20};
  counters counts;
  random_source random{{1, 2}};
  host h{sink, pool, counts, random, {.defaults = {}}};
  std::vector<std::uint16_t> ports;
  std::size_t neighbours = 0;
  for (int i = 0; i < 50; ++i) {
    const auto c = h.connect({10, 0, 0, 2}, {{10, 0, 0, 1}, 80}, time_point{});
    REQUIRE(c);
    const std::uint16_t port = (*c)->id().local.port;
    CHECK(port >= 49152);
    CHECK(std::ranges::find(ports, port) == ports.end());
    if (!ports.empty() && port == ports.back() + 1) ++neighbours;
    ports.push_back(port);
  }
  CHECK(neighbours <= 1);
}

TEST_CASE("an idle connection is small") {
  MESSAGE("a connection takes ", sizeof(entry), " bytes");
  CHECK(sizeof(entry) <= 1152);
}
