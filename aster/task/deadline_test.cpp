#include "aster/task/deadline.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>

#include "aster/task.hpp"
#include "aster/task/test_world.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

task::duration since_start() { return task::now().time_since_epoch(); }

}  // namespace

TEST_CASE("a function that is quick enough has its result returned") {
  task::simulation{}.run([] {
    const auto answer = task::within(2s, [] {
      task::sleep(1s);
      return 42;
    });
    CHECK(answer.value() == 42);
    CHECK(task::within(2s, [] {}).has_value());
    CHECK(*task::within(2s, [] { return std::make_unique<int>(7); }).value() == 7);
    CHECK(since_start() == 1s);
    task::sleep(1h);  // the deadline is gone with its block
  });
}

TEST_CASE("a function that is too slow is unwound at the deadline") {
  task::simulation{}.run([] {
    bool unwound = false;
    const auto answer = task::within(2s, [&] {
      const task::on_exit_set mark{unwound};
      task::sleep(1h);
      return 42;
    });
    CHECK(answer == std::unexpected(task::timed_out{}));
    CHECK(unwound);
    CHECK(since_start() == 2s);
  });
}

TEST_CASE("until takes a time, never and the past included") {
  task::simulation{}.run([] {
    CHECK_FALSE(task::until(task::time_point{1s}, [] { task::sleep(1h); }));
    CHECK(since_start() == 1s);
    CHECK(task::until(task::never, [] { task::sleep(1h); }));
    CHECK_FALSE(task::until(task::time_point{1s}, [] { task::yield(); }));
    CHECK(task::until(task::time_point{1s}, [] { return 1; }) == 1);  // does not block, so is not interrupted
    CHECK(task::within(task::duration::max(), [] { task::sleep(1h); }));
    CHECK_FALSE(task::within(-1s, [] { task::yield(); }));
    CHECK_FALSE(task::within(task::duration::min(), [] { task::yield(); }));
  });
}

TEST_CASE("of nested deadlines the one whose time is up answers") {
  task::simulation{}.run([] {
    SUBCASE("the inner one") {
      const auto outer = task::within(10s, [] {
        CHECK_FALSE(task::within(1s, [] { task::sleep(1h); }));
        task::sleep(1s);
        return since_start();
      });
      CHECK(outer.value() == 2s);
    }
    SUBCASE("the outer one") {
      bool inner_answered = false;
      const auto outer = task::within(1s, [&] {
        static_cast<void>(task::within(10s, [] { task::sleep(1h); }));
        inner_answered = true;
      });
      CHECK_FALSE(outer);
      CHECK_FALSE(inner_answered);
      CHECK(since_start() == 1s);
    }
    SUBCASE("both at once: the outer one") {
      bool inner_answered = false;
      const auto outer = task::within(1s, [&] {
        static_cast<void>(task::within(1s, [] { task::sleep(1h); }));
        inner_answered = true;
      });
      CHECK_FALSE(outer);
      CHECK_FALSE(inner_answered);
    }
  });
}

TEST_CASE("a deadline around join cancels the children and awaits them") {
  task::simulation{}.run([] {
    bool unwound = false;
    const auto result = task::within(1s, [&] {
      task::scope s;
      s.spawn("child", [&] {
        const task::on_exit_set mark{unwound};
        task::sleep(1h);
      });
      s.join();
    });
    CHECK_FALSE(result);
    CHECK(unwound);
    CHECK(since_start() == 1s);
  });
}

TEST_CASE("other exceptions pass, and so does a cancellation from further out") {
  task::simulation{}.run([] {
    CHECK_THROWS_WITH(static_cast<void>(task::within(1s, [] { throw std::runtime_error("mine"); })), "mine");

    bool timed_out = false;
    task::scope s;
    s.spawn("victim", [&] { timed_out = !task::within(1h, [] { task::sleep(2h); }); });
    task::yield();
    s.cancel();
    s.join();
    CHECK_FALSE(timed_out);
    CHECK(since_start() == 0s);
  });
}

TEST_CASE("a child's error beats the deadline inside which its scope is open, if it came first") {
  task::simulation{}.run([] {
    CHECK_THROWS_WITH(static_cast<void>(task::within(10s,
                                                     [] {
                                                       task::scope s;
                                                       s.spawn("failing", [] {
                                                         task::sleep(1s);
                                                         throw std::runtime_error("child");
                                                       });
                                                       s.join();
                                                     })),
                      "child");
    CHECK(since_start() == 1s);
  });
}

TEST_CASE("a result that is there in spite of the deadline is returned") {
  task::simulation{}.run([] {
    const auto answer = task::within(1s, [] {
      try {
        task::sleep(1h);
      } catch (const task::cancelled&) {
        // Not what one should do; but then the function has returned.
      }
      return 42;
    });
    CHECK(answer.value() == 42);
  });
}
