// Where connections, and those that rest, are found.
#include "aster/net/tcp/table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "aster/net/counters.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/tcp/acceptor.hpp"
#include "aster/net/tcp/host.hpp"
#include "aster/net/tcp/time_wait.hpp"

using namespace aster::net;
using namespace aster::net::tcp;
using namespace std::chrono_literals;

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
