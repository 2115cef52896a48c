#include "aster/task/simulation.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <set>
#include <string>

#include "aster/task.hpp"
#include "aster/task/test_world.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("time jumps from deadline to deadline, and goes on over several runs") {
  task::simulation world;
  world.run([] {
    task::scope s;
    for (int i = 10; i > 0; --i) s.spawn("sleeper", [i] { task::sleep(i * 1h); });
    s.join();
  });
  CHECK(world.now().time_since_epoch() == 10h);
  CHECK(world
            .run([] {
              task::sleep(1h);
              return task::now();
            })
            .time_since_epoch() == 11h);
}

TEST_CASE("exceptions of the root pass through run") {
  task::simulation world;
  CHECK_THROWS_AS(world.run([] { throw 1; }), int);
  world.run([] { task::yield(); });
}

TEST_CASE("a deadlock is thrown in the root with the names of those that wait") {
  task::simulation{}.run([] {
    task::mutex first, second;
    task::scope s{"philosophers"};
    s.spawn("Kant", [&] {
      first.lock();
      task::yield();
      second.lock();
    });
    s.spawn("Hume", [&] {
      second.lock();
      task::yield();
      first.lock();
    });
    CHECK_THROWS_WITH_AS(
        s.join(),
        "deadlock: 'root' waits for its children, 'Kant' waits for a mutex, 'Hume' waits for a mutex",
        task::deadlock);
    CHECK(s.size() == 0);  // they were cancelled
    task::sleep(1s);       // and life goes on
    s.spawn("works", [] { task::sleep(1s); });
    s.join();
  });
}

TEST_CASE("a device fiber alone does not keep a simulation alive") {
  task::simulation{}.run([] {
    task::wait_for_event(task::never);  // a first look
    CHECK_THROWS_AS(task::wait_for_event(task::never), task::deadlock);
  });
}

TEST_CASE("device fibers look again after anything else has run, and after raise_event, at the same time") {
  task::simulation world;
  world.run([] {
    std::deque<int> wire;  // without latency: what is sent is there
    std::string log;
    task::scope s;
    s.spawn("stack", [&] {
      for (;;) {
        while (!wire.empty()) {
          log +=
              std::to_string(wire.front()) + "@" + std::to_string(task::now().time_since_epoch() / 1s) + " ";
          wire.pop_front();
        }
        task::wait_for_event(task::never);
      }
    });
    wire.push_back(1);
    task::sleep(1s);
    wire.push_back(2);
    task::sleep(1s);
    CHECK(log == "1@0 2@1 ");

    s.spawn("another stack", [&] {  // a device fiber that feeds another one has to say so
      task::wait_for_event(task::time_point{5s});
      for (int i = 3; i < 6; ++i) {
        wire.push_back(i);
        task::raise_event();
        task::wait_for_event(task::never);
      }
    });
    task::sleep(8s);
    CHECK(log == "1@0 2@1 3@2 4@2 5@2 ");
    s.cancel();
  });
}

TEST_CASE("a simulated shutdown cancels the root") {
  task::simulation world;
  bool unwound = false;
  CHECK_THROWS_AS(world.run([&] {
    const task::on_exit_set mark{unwound};
    task::scope s;
    s.spawn("operator", [&] {
      task::sleep(1s);
      world.request_shutdown();
      task::sleep(1s);
      FAIL("was to be cancelled");
    });
    task::sleep(1h);
  }),
                  task::cancelled);
  CHECK(unwound);
  CHECK(world.now().time_since_epoch() < 1h);
}

TEST_CASE("the same seed gives the same order, another one another") {
  const auto order_of = [](std::uint64_t seed) {
    std::string log;
    task::simulation world{seed, task::simulation::order::shuffled};
    world.run([&] {
      task::scope s;
      for (char name = 'a'; name < 'k'; ++name) {
        s.spawn("letter", [&, name] {
          log += name;
          task::yield();
          log += name;
        });
      }
      s.join();
    });
    return log;
  };
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CHECK(order_of(seed) == order_of(seed));
    orders.insert(order_of(seed));
  }
  CHECK(orders.size() == 10);
}

TEST_CASE("random numbers depend on the seed alone") {
  task::simulation a{7}, b{7}, c{8};
  const auto first = a.random();
  CHECK(first == b.random());
  CHECK(first != c.random());
  CHECK(a.seed() == 7);
}

TEST_CASE("a simulation may run inside a fiber of another scheduler") {
  task::simulation outer;
  outer.run([] {
    task::scope s;
    s.spawn("tester", [] {
      task::sleep(1s);
      task::simulation inner;
      inner.run([] { task::sleep(1h); });
      CHECK(inner.now().time_since_epoch() == 1h);
      CHECK(task::now().time_since_epoch() == 1s);
      task::sleep(1s);
    });
    s.join();
  });
  CHECK(outer.now().time_since_epoch() == 2s);
}
