// A day in virtual time: a million connections come and go between two hosts, some of them reset, refused or
// idle for long, over a wire that loses a little. Whenever nobody is connected the heap is what it was after
// the first hour.
#include <doctest/doctest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "aster/net/engine.hpp"
#include "aster/net/simulation/talker.hpp"
#include "aster/net/virtual_link.hpp"

namespace {
std::size_t bytes_alive = 0;
}

void* operator new(std::size_t size) {
  void* p = std::malloc(size);
  if (p == nullptr) throw std::bad_alloc{};
  bytes_alive += malloc_usable_size(p);
  return p;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* p = std::malloc(size);
  if (p != nullptr) bytes_alive += malloc_usable_size(p);
  return p;
}
void operator delete(void* p) noexcept {
  if (p != nullptr) bytes_alive -= malloc_usable_size(p);
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept { operator delete(p); }

namespace aster::net::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t seed = 1;
constexpr int hours = 24;
constexpr std::uint64_t connections_an_hour = 1'000'000 / hours + 1;
constexpr duration open_hours = 45min;  // of each hour; the rest is for what lingers
constexpr std::uint16_t port = 80, closed_port = 81;

engine_options host(std::string_view address) {
  engine_options o;
  o.address = *configuration::parse(address);
  return o;
}

class day {
 public:
  day()
      : link_(seed, {.loss = 0.001, .corruption = 0.0005, .delay = 1ms}),
        client_(link_.left(), host("ip=10.0.0.1/24,ip6=off"), {seed, 1}),
        server_(link_.right(), host("ip=10.0.0.2/24,ip6=off"), {seed, 2}) {
    client_.start(now_);
    server_.start(now_);
    acceptor_ = server_.tcp().listen(port, 256);
  }

  void hour() {
    const time_point begin = now_;
    for (std::uint64_t i = 0; i < connections_an_hour; ++i) {
      run_until(begin + open_hours * static_cast<std::int64_t>(i) / connections_an_hour);
      visit();
    }
    run_until(begin + 1h);
  }

  /// Connections, those that rest, and bytes in buffers, on both sides.
  std::size_t left_over() const {
    const auto of = [](const engine& e) { return e.memory().in_use(); };
    return talkers_.size() + of(client_) + of(server_) + client_tcp().connections() +
           server_tcp().connections() + client_tcp().resting() + server_tcp().resting();
  }

  std::uint64_t opened() const { return visits_; }
  std::uint64_t completed() const { return completed_; }
  std::uint64_t wrong() const { return wrong_; }
  std::size_t most_at_once() const { return most_at_once_; }
  const engine& server() const { return server_; }

 private:
  struct half {
    std::unique_ptr<talker> whose;
    bool may_fail;
    time_point begins{};  // idle until then
  };
  struct promised {
    std::uint64_t number;
    std::uint32_t up, down;
    bool ends_by_reset;
  };

  const tcp::host& client_tcp() const { return const_cast<engine&>(client_).tcp(); }
  const tcp::host& server_tcp() const { return const_cast<engine&>(server_).tcp(); }

  // One connection: mostly a short request and a longer answer, seldom much, sometimes none of it.
  void visit() {
    const std::uint64_t number = ++visits_;
    const bool refused = random_.below(200) == 0, resets = random_.below(20) == 0;
    const auto c = client_.tcp().connect({10, 0, 0, 1}, {{10, 0, 0, 2}, refused ? closed_port : port}, now_);
    if (!c) {
      ++wrong_;
      return;
    }
    const std::uint32_t most = random_.below(2000) == 0 ? 200'000 : 3000;
    const promised p{number, 1 + random_.below(500), 1 + random_.below(most), resets};
    promises_[(*c)->id().local.port] = p;
    if (random_.below(100) == 0) (*c)->set_keep_alive(30s, now_);
    const bool is_slow = random_.below(1000) == 0, is_idle = random_.below(300) == 0;
    // One that resets takes less than it is to get, and lets go of the rest.
    const talker::work w{2 * number, 2 * number + 1, p.up, resets ? p.down + 1 : p.down, is_slow};
    add(client_.tcp(), **c, w, refused || resets);
    if (is_idle) talkers_.back().begins = now_ + random_.below(600) * 1s;
    if (resets) resetting_.emplace_back(*c, now_ + random_.below(6) * 1ms);
  }

  void add(tcp::host& host, tcp::connection& c, const talker::work& w, bool may_fail) {
    talkers_.push_back({std::make_unique<talker>(host, c, w, random_source{{seed, w.writes}}), may_fail});
    most_at_once_ = std::max(most_at_once_, talkers_.size());
  }

  void accept() {
    while (tcp::connection* c = server_.tcp().accept(*acceptor_)) {
      const promised& p = promises_[c->id().remote.port];
      add(server_.tcp(), *c, {2 * p.number + 1, 2 * p.number, p.down, p.up, false}, p.ends_by_reset);
    }
  }

  void reset_some() {
    std::erase_if(resetting_, [&](const auto& r) {
      if (now_ < r.second) return false;
      const auto t =
          std::ranges::find(talkers_, r.first, [](const half& h) { return h.whose->connection(); });
      if (t != talkers_.end()) {
        r.first->abort();
        client_.tcp().touched(*r.first);
      }
      return true;
    });
  }

  bool step() {
    bool moved = false;
    std::erase_if(talkers_, [&](const half& h) {
      if (now_ < h.begins) return false;
      moved = h.whose->step(now_) || moved;
      if (!h.whose->is_done()) return false;
      if (!h.may_fail) (h.whose->has_failed() || h.whose->is_corrupt()) ? ++wrong_ : ++completed_;
      return true;
    });
    return moved;
  }

  void run_until(time_point end) {
    for (;;) {
      link_.deliver(now_);
      while (client_.receive(now_)) {
      }
      while (server_.receive(now_)) {
      }
      accept();
      reset_some();
      const bool moved = step();
      client_.flush(now_);
      server_.flush(now_);
      if (moved) continue;
      time_point next = std::min({client_.deadline(), server_.deadline(), link_.next_arrival(), end});
      for (const half& h : talkers_) next = std::min(next, h.begins > now_ ? h.begins : h.whose->wakes());
      for (const auto& r : resetting_) next = std::min(next, r.second);
      if (now_ >= end) return;
      now_ = std::max(now_ + 1us, next);
    }
  }

  virtual_link link_;
  engine client_, server_;
  tcp::acceptor* acceptor_;
  random_source random_{{seed, 3}};
  time_point now_{};
  std::vector<half> talkers_;
  std::vector<std::pair<tcp::connection*, time_point>> resetting_;
  std::array<promised, 65536> promises_{};  // by the client's port
  std::uint64_t visits_ = 0, completed_ = 0, wrong_ = 0;
  std::size_t most_at_once_ = 0;
};

}  // namespace
}  // namespace aster::net::simulation

TEST_CASE("a million connections in a day leave the heap as it was") {
  using namespace aster::net;
  const auto owned = std::make_unique<simulation::day>();
  simulation::day& day = *owned;
  std::size_t after_first = 0, most = 0;
  for (int hour = 1; hour <= simulation::hours; ++hour) {
    day.hour();
    CAPTURE(hour);
    REQUIRE(day.left_over() == 0);
    REQUIRE(day.wrong() == 0);
    if (hour == 1) after_first = bytes_alive;
    most = std::max(most, bytes_alive);
  }
  MESSAGE(day.opened(), " connections, ", day.completed(), " ends of them to the last byte, ",
          day.most_at_once() / 2, " at once; heap ", after_first, " bytes after the first hour, at most ",
          most, " after another");
  CHECK(day.opened() >= 1'000'000);
  CHECK(day.server().counters()[counter::tcp_connections_accepted] > 900'000);
  CHECK(day.most_at_once() > 40);
  // The pools keep the chunks of their busiest moment, up to 1 MiB.
  CHECK(most <= after_first + 16 * chunk::total_size);
}
