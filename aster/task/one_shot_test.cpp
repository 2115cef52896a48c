#include "aster/task/one_shot.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("get parks until the value is there, and returns at once afterwards") {
  task::simulation{}.run([] {
    task::one_shot<std::string> answer;
    CHECK_FALSE(answer.is_set());
    task::scope s;
    for (int i = 0; i < 3; ++i) s.spawn("asks", [&] { CHECK(answer.get() == "42"); });
    task::sleep(1s);
    answer.set("42");
    s.join();
    CHECK(answer.get() == "42");
    CHECK(task::now().time_since_epoch() == 1s);
  });
}

TEST_CASE("a value that can only be moved goes to the first") {
  task::simulation{}.run([] {
    task::one_shot<std::unique_ptr<int>> answer;
    answer.set(std::make_unique<int>(1));
    CHECK(*answer.get() == 1);
    CHECK_THROWS_AS(answer.get(), std::logic_error);
  });
}

TEST_CASE("one_shot<void> is an event") {
  task::simulation{}.run([] {
    task::one_shot<void> started;
    int woken = 0;
    task::scope s;
    for (int i = 0; i < 3; ++i) {
      s.spawn("waits", [&] {
        started.get();
        ++woken;
      });
    }
    task::yield();
    CHECK(woken == 0);
    started.set();
    s.join();
    CHECK(woken == 3);
  });
}

TEST_CASE("a failure is rethrown by get") {
  task::simulation{}.run([] {
    task::one_shot<int> answer;
    answer.fail(std::make_exception_ptr(std::runtime_error("no such name")));
    CHECK_THROWS_WITH(answer.get(), "no such name");
    CHECK_THROWS_WITH(answer.get(), "no such name");
  });
}

TEST_CASE("it can be set once") {
  task::simulation{}.run([] {
    task::one_shot<int> answer;
    answer.set(1);
    CHECK_THROWS_AS(answer.set(2), std::logic_error);
    CHECK(answer.get() == 1);
  });
}

TEST_CASE("who waits can be cancelled, and the others still get the value") {
  task::simulation{}.run([] {
    task::one_shot<int> answer;
    task::scope victims, others;
    victims.spawn("cancelled", [&] { FAIL(answer.get()); });
    others.spawn("patient", [&] { CHECK(answer.get() == 1); });
    task::yield();
    victims.cancel();
    answer.set(1);
    victims.join();
    others.join();
  });
}
