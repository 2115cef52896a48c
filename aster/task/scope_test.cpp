#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("a scope awaits its fibers, which run in the order of their birth") {
  task::simulation world;
  std::string log;
  world.run([&] {
    task::scope s{"letters"};
    s.spawn("a", [&] { log += 'a'; });
    s.spawn("b", [&] {
      log += 'b';
      task::yield();
      log += 'B';
    });
    s.spawn("c", [&] { log += 'c'; });
    CHECK(s.size() == 3);
    CHECK(log.empty());
    s.join();
    CHECK(s.size() == 0);
  });
  CHECK(log == "abcB");
}

TEST_CASE("virtual time jumps from deadline to deadline") {
  task::simulation world;
  world.run([&] {
    task::scope s;
    for (int i = 10; i > 0; --i) s.spawn("sleeper", [i] { task::sleep(i * 1h); });
    s.join();
  });
  CHECK(world.now().time_since_epoch() == 10h);
}

TEST_CASE("the first error cancels the siblings and is rethrown by join") {
  task::simulation world;
  world.run([&] {
    task::scope s{"team"};
    bool unwound = false;
    s.spawn("patient", [&] {
      struct on_exit {
        bool& flag;
        ~on_exit() { flag = true; }
      } mark{unwound};
      task::sleep(1h);
    });
    s.spawn("failing", [] {
      task::sleep(1s);
      throw std::runtime_error("broken");
    });
    CHECK_THROWS_WITH(s.join(), "broken");
    CHECK(unwound);
    CHECK(task::now().time_since_epoch() == 1s);
  });
}
