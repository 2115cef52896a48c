#include "aster/task/all.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "aster/task.hpp"
#include "aster/task/test_world.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("all results, in the order of the functions, in the time of the slowest") {
  task::simulation world;
  world.run([] {
    const auto [number, text, nothing, pointer] = task::all(
        [] {
          task::sleep(3s);
          return 1;
        },
        [] {
          task::sleep(1s);
          return std::string{"two"};
        },
        [] { task::sleep(2s); }, [] { return std::make_unique<int>(4); });
    CHECK(number == 1);
    CHECK(text == "two");
    CHECK(nothing == std::monostate{});
    CHECK(*pointer == 4);
  });
  CHECK(world.now().time_since_epoch() == 3s);
}

TEST_CASE("the first exception cancels the others and is rethrown after they have unwound") {
  task::simulation{}.run([] {
    bool unwound = false;
    CHECK_THROWS_WITH(static_cast<void>(task::all(
                          [&] {
                            const task::on_exit_set mark{unwound};
                            task::sleep(1h);
                            return 1;
                          },
                          []() -> int {
                            task::sleep(1s);
                            throw std::runtime_error("broken");
                          })),
                      "broken");
    CHECK(unwound);
    CHECK(task::now().time_since_epoch() == 1s);
  });
}

TEST_CASE("all of nothing is nothing") {
  task::simulation{}.run([] { CHECK(task::all() == std::tuple<>{}); });
}
