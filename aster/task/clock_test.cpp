#include "aster/task/clock.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

static_assert(task::clock::is_steady && std::is_same_v<task::clock::time_point, task::time_point>);
static_assert(task::after(task::time_point{1s}, 2s) == task::time_point{3s});
static_assert(task::after(task::time_point{1s}, task::duration::max()) == task::never);
static_assert(task::after(task::time_point{-1s}, task::duration::min()) == task::time_point::min());
static_assert(task::after(task::time_point{1s}, -2s) == task::time_point{-1s});

TEST_CASE(
    "fibers wake in the order of their deadlines, equal ones in the order in which they went to sleep") {
  task::simulation world;
  std::string log;
  world.run([&] {
    task::scope s;
    const struct {
      char name;
      task::duration until;
    } sleepers[] = {{'a', 3h}, {'b', 1h}, {'c', 2h}, {'d', 1h}, {'e', 3h}};
    for (const auto& sleeper : sleepers) {
      s.spawn("sleeper", [&log, sleeper] {
        task::sleep(sleeper.until);
        CHECK(task::now().time_since_epoch() == sleeper.until);
        log += sleeper.name;
      });
    }
    s.join();
  });
  CHECK(log == "bdcae");
  CHECK(world.now().time_since_epoch() == 3h);
}

TEST_CASE("a sleep that is not positive is a yield") {
  task::simulation world;
  world.run([] {
    std::string log;
    task::scope s;
    s.spawn("other", [&] { log += "other "; });
    task::sleep(-1s);
    log += "main";
    s.join();
    CHECK(log == "other main");
  });
  CHECK(world.now().time_since_epoch() == 0s);
}

TEST_CASE("yield lets every ready fiber run once") {
  task::simulation{}.run([] {
    std::string log;
    task::scope s;
    for (const char name : {'a', 'b', 'c'}) {
      s.spawn("turns", [&, name] {
        for (int i = 0; i < 3; ++i) {
          log += name;
          task::yield();
        }
      });
    }
    s.join();
    CHECK(log == "abcabcabc");
  });
}

TEST_CASE("the platform's clock and sleep") {
  const auto begin = task::now();
  const auto wall_begin = std::chrono::steady_clock::now();
  task::sleep(20ms);
  const auto took = task::now() - begin;
  CHECK(took >= 20ms);
  CHECK(std::chrono::steady_clock::now() - wall_begin >= 20ms);
  CHECK(took < 10s);
}
