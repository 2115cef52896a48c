#include "aster/proxy/upstream.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "aster/proxy/test_service.hpp"

using namespace aster;
using namespace std::chrono_literals;
using http::test::simulate;
using proxy::unavailable;
using proxy::upstream;
using proxy::test::at;
using proxy::test::service;

namespace {
void nothing(const http::request&, http::response&) {}
}  // namespace

TEST_CASE("a request goes where the fewest are under way") {
  simulate([] {
    service s{nothing};
    upstream up{s.connector(), {}};
    up.set_instances(std::vector{at(1), at(2)});
    auto a = up.take(), b = up.take(), c = up.take();
    CHECK(a->where() == at(1));
    CHECK(b->where() == at(2));
    CHECK(c->where() == at(1));
    {
      const auto gone = std::move(b);
    }
    CHECK(up.take()->where() == at(2));
    CHECK(up.outstanding() == 2);
  });
}

TEST_CASE("whoever finds no room waits, and is told of; the longest wait ends first") {
  simulate([] {
    service s{nothing};
    unsigned told = 0;
    upstream up{s.connector(), {.concurrency = 1}, [&] { ++told; }};
    std::string order;
    task::scope fibers{"requests"};
    for (const char name : {'a', 'b', 'c'})
      fibers.spawn("request", [&, name] {
        const auto place = up.take();
        REQUIRE(place);
        order += name;
        task::sleep(1s);
      });
    task::sleep(5s);
    CHECK(order.empty());
    CHECK(up.waiting() == 3);
    CHECK(told == 3);
    up.set_instances(std::vector{at(1)});
    fibers.join();
    CHECK(order == "abc");
    CHECK(task::now() - task::time_point{} >= 8s);
    CHECK(up.waiting() == 0);
  });
}

TEST_CASE("waiting has an end, and so has the number of those who wait") {
  simulate([] {
    service s{nothing};
    upstream up{s.connector(), {.most_waiting = 1, .patience = 3s}};
    task::scope fibers{"requests"};
    fibers.spawn("first", [&] {
      const auto start = task::now();
      CHECK(up.take().error() == unavailable::late);
      CHECK(task::now() - start == 3s);
    });
    task::sleep(1s);
    CHECK(up.take().error() == unavailable::overloaded);
    fibers.join();
  });
}

TEST_CASE("an instance that fails again and again is left alone, and then tried with one request") {
  simulate([] {
    service s{nothing};
    upstream up{s.connector(), {.patience = 100ms, .failures = 2, .pause = 1s, .most_pause = 3s}};
    up.set_instances(std::vector{at(1)});
    for (int i = 0; i < 2; ++i) up.take()->failed();
    CHECK(up.take().error() == unavailable::late);
    task::sleep(1s);
    {
      const auto probe = up.take();
      REQUIRE(probe);
      CHECK(up.take().error() == unavailable::late);  // one at a time
      const_cast<upstream::place&>(*probe).failed();
    }
    task::sleep(1800ms);  // twice as long now
    CHECK(up.take().error() == unavailable::late);
    task::sleep(100ms);
    auto probe = up.take();
    REQUIRE(probe);
    probe->succeeded(nullptr);
    CHECK(up.take());
  });
}

TEST_CASE("an instance that is taken off keeps its requests and gets no other") {
  simulate([] {
    service s{nothing};
    upstream up{s.connector(), {.patience = 10ms}};
    up.set_instances(std::vector{at(1)});
    auto place = up.take();
    up.set_instances({});
    CHECK(up.is_draining());
    CHECK(up.take().error() == unavailable::late);
    {
      const auto gone = std::move(place);
    }
    CHECK_FALSE(up.is_draining());
  });
}

TEST_CASE("connections that nobody uses are closed when they are looked at") {
  simulate([] {
    service s{nothing};
    upstream up{s.connector(), {.idle = 5s}};
    up.set_instances(std::vector{at(1)});
    const auto use = [&] {
      auto place = up.take();
      auto link = place->connect();
      REQUIRE(link);
      REQUIRE((*link)->http.send({.host = "h"}));
      REQUIRE((*link)->http.receive());
      REQUIRE((*link)->http.all());
      place->succeeded(std::move(*link));
    };
    use();
    task::sleep(4s);
    up.close_idle();
    use();
    CHECK(s.connections[at(1)] == 1);
    task::sleep(6s);
    up.close_idle();
    use();
    CHECK(s.connections[at(1)] == 2);
  });
}
