#include "aster/task/first_of.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "aster/task.hpp"
#include "aster/task/test_world.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("the first to return wins and the others are cancelled") {
  task::simulation world;
  world.run([] {
    bool unwound = false;
    const auto winner = task::first_of(
        [&] {
          const task::on_exit_set mark{unwound};
          task::sleep(2s);
          return 1;
        },
        [] {
          task::sleep(1s);
          return std::string{"quick"};
        },
        [] { task::sleep(1h); });
    CHECK(winner.index() == 1);
    CHECK(std::get<1>(winner) == "quick");
    CHECK(unwound);
    CHECK(task::fibers().size() == 1);
  });
  CHECK(world.now().time_since_epoch() == 1s);
}

TEST_CASE("of two that return at the same time the one named first wins") {
  task::simulation{}.run([] {
    const auto winner = task::first_of([] { return 1; }, [] { return 2; });
    CHECK(winner.index() == 0);
  });
}

TEST_CASE("results need only be movable, and void counts as std::monostate") {
  task::simulation{}.run([] {
    auto winner = task::first_of([] { return std::make_unique<int>(5); }, [] { task::sleep(1s); });
    CHECK(*std::get<0>(winner) == 5);
    winner = task::first_of(
        [] {
          task::sleep(1h);
          return std::unique_ptr<int>{};
        },
        [] { task::sleep(1s); });
    CHECK(std::holds_alternative<std::monostate>(winner));
  });
}

TEST_CASE("an exception cancels all and is rethrown") {
  task::simulation{}.run([] {
    CHECK_THROWS_WITH(static_cast<void>(task::first_of([] { task::sleep(1h); },
                                                       [] {
                                                         task::sleep(1s);
                                                         throw std::runtime_error("broken");
                                                       })),
                      "broken");
    CHECK(task::now().time_since_epoch() == 1s);
    CHECK(task::fibers().size() == 1);
  });
}

TEST_CASE("cancellation of the caller cancels all") {
  task::simulation{}.run([] {
    int unwound = 0;
    struct counts {
      int& n;
      ~counts() { ++n; }
    };
    const auto sleeper = [&] {
      const counts mine{unwound};
      task::sleep(1h);
    };
    CHECK_FALSE(task::within(1s, [&] { static_cast<void>(task::first_of(sleeper, sleeper)); }));
    CHECK(unwound == 2);
  });
}
