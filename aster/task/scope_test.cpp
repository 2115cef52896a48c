#include "aster/task/scope.hpp"

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "aster/task.hpp"
#include "aster/task/test_world.hpp"

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
    CHECK(log.empty());  // spawn never switches
    s.join();
    CHECK(s.size() == 0);
  });
  CHECK(log == "abcB");
}

TEST_CASE(
    "the function object lives on the fiber's stack and is destroyed before the fiber counts as ended") {
  task::simulation{}.run([] {
    auto shared = std::make_shared<int>(1);
    task::scope s;
    s.spawn("owns", [shared, unique = std::make_unique<int>(2)] { task::yield(); });
    CHECK(shared.use_count() == 2);
    s.join();
    CHECK(shared.use_count() == 1);

    struct aligned {
      alignas(256) std::array<char, 512> bytes{};
      void operator()() const { CHECK(reinterpret_cast<std::uintptr_t>(this) % 256 == 0); }
    };
    s.spawn("aligned", aligned{});
    s.join();
  });
}

TEST_CASE("a function object that throws while it is moved onto the stack leaves nothing behind") {
  struct throws_on_copy {
    throws_on_copy() = default;
    throws_on_copy(const throws_on_copy&) { throw std::runtime_error("no copy"); }
    void operator()() const {}
  };
  task::simulation{}.run([] {
    const throws_on_copy f;
    task::scope s;
    CHECK_THROWS_WITH(s.spawn("never", f), "no copy");
    CHECK(s.size() == 0);
  });
}

TEST_CASE("a function object that does not fit its stack is refused") {
  struct large {
    std::array<char, 100'000> bytes{};
    void operator()() const {}
  };
  task::simulation{}.run([] {
    task::scope s;
    CHECK_THROWS_AS(s.spawn("large", large{}, {.stack_size = 16 * 1024}), std::length_error);
    s.spawn("large", large{}, {.stack_size = 1024 * 1024});
    s.join();
  });
}

TEST_CASE("a fiber can ask for a larger stack") {
  const std::function<std::size_t(int)> recurse = [&](int depth) -> std::size_t {
    std::array<volatile char, 1000> frame;
    frame[static_cast<std::size_t>(depth) % frame.size()] = 1;
    return depth == 0 ? 0 : recurse(depth - 1) + frame.size();
  };
  task::simulation{}.run([&] {
    task::scope s;
    s.spawn("deep", [&] { CHECK(recurse(1000) == 1'000'000); }, {.stack_size = 4 * 1024 * 1024});
    s.join();
  });
}

TEST_CASE("the first error cancels the siblings and is rethrown by join after all have ended") {
  task::simulation world;
  world.run([&] {
    task::scope s{"team"};
    bool unwound = false;
    s.spawn("patient", [&] {
      const task::on_exit_set mark{unwound};
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
  CHECK(world.notes().empty());
}

TEST_CASE("of several errors the first is rethrown") {
  task::simulation{}.run([] {
    task::scope s;
    struct throws_when_unwound {
      ~throws_when_unwound() noexcept(false) = default;
    };
    s.spawn("translates", [] {
      try {
        task::sleep(1h);
      } catch (const task::cancelled&) {
        throw std::runtime_error("second");
      }
    });
    s.spawn("failing", [] { throw std::runtime_error("first"); });
    CHECK_THROWS_WITH(s.join(), "first");
  });
}

TEST_CASE("any type can be thrown through a scope") {
  task::simulation{}.run([] {
    task::scope s;
    s.spawn("throws an int", [] { throw 42; });
    CHECK_THROWS_AS(s.join(), int);
  });
}

TEST_CASE(
    "a child's error reaches its opener in whatever it is parked in, so that nobody waits for the dead") {
  task::simulation{}.run([] {
    bool told = false;
    try {
      task::channel<int> results{4};
      task::scope s;
      s.spawn("producer", [] {
        task::sleep(1s);
        throw std::runtime_error("no results");
      });
      static_cast<void>(results.receive());
      FAIL("received from nobody");
    } catch (const std::runtime_error& e) {
      told = e.what() == std::string{"no results"};
    }
    CHECK(told);
  });
}

TEST_CASE("after join a scope is as new") {
  task::simulation{}.run([] {
    task::scope s;
    s.spawn("failing", [] { throw 1; });
    CHECK_THROWS_AS(s.join(), int);
    s.join();  // the error was told once

    bool done = false;
    s.spawn("works", [&] {
      task::sleep(1s);
      done = true;
    });
    s.join();
    CHECK(done);

    s.cancel();
    s.join();
    done = false;
    s.spawn("works again", [&] {
      task::sleep(1s);
      done = true;
    });
    s.join();
    CHECK(done);
  });
}

TEST_CASE("cancel unwinds the children through their destructors and is no error") {
  task::simulation world;
  world.run([] {
    task::scope s;
    bool unwound = false;
    bool went_on = false;
    s.spawn("sleeper", [&] {
      const task::on_exit_set mark{unwound};
      task::sleep(1h);
      went_on = true;
    });
    task::sleep(1s);
    s.cancel();
    CHECK_FALSE(unwound);  // cancel never switches
    s.join();
    CHECK(unwound);
    CHECK_FALSE(went_on);
  });
  CHECK(world.now().time_since_epoch() == 1s);
}

TEST_CASE("the destructor cancels and awaits what is still there") {
  task::simulation world;
  world.run([] {
    bool unwound = false;
    {
      task::scope s;
      s.spawn("forgotten", [&] {
        const task::on_exit_set mark{unwound};
        task::sleep(1h);
      });
      task::yield();
    }
    CHECK(unwound);
  });
  CHECK(world.now().time_since_epoch() == 0s);
}

TEST_CASE("an exception between spawn and join cleans the scope up") {
  task::simulation{}.run([] {
    bool unwound = false;
    try {
      task::scope s;
      s.spawn("child", [&] {
        const task::on_exit_set mark{unwound};
        task::sleep(1h);
      });
      task::yield();
      throw std::runtime_error("the opener's own");
    } catch (const std::runtime_error&) {
      CHECK(unwound);
    }
    CHECK(unwound);
  });
}

TEST_CASE("a child of a cancelled scope runs up to its first blocking call") {
  task::simulation{}.run([] {
    task::scope s;
    s.cancel();
    bool began = false;
    bool went_on = false;
    s.spawn("late", [&] {
      began = true;
      task::yield();
      went_on = true;
    });
    s.join();
    CHECK(began);
    CHECK_FALSE(went_on);
  });
}

TEST_CASE("an opener that is cancelled in join cancels its children, awaits them, and goes on unwinding") {
  task::simulation world;
  world.run([] {
    std::string log;
    task::scope outer{"outer"};
    outer.spawn("opener", [&] {
      task::scope inner{"inner"};
      inner.spawn("child", [&] {
        struct farewell {
          std::string& log;
          ~farewell() {
            task::sleep(1s);  // blocking while it unwinds is allowed, and not cut short
            log += "child ";
          }
        } const last{log};
        task::sleep(1h);
      });
      try {
        inner.join();
      } catch (const task::cancelled&) {
        log += "opener ";
        CHECK(inner.size() == 0);
        throw;
      }
    });
    task::sleep(5s);
    outer.cancel();
    outer.join();
    CHECK(log == "child opener ");
  });
  CHECK(world.now().time_since_epoch() == 6s);
}

TEST_CASE("cancellation reaches through nested scopes") {
  task::simulation{}.run([] {
    int unwound = 0;
    struct counts {
      int& n;
      ~counts() { ++n; }
    };
    const std::function<void(int)> nest = [&](int depth) {
      const counts mine{unwound};
      task::scope s;
      if (depth > 0) s.spawn("deeper", [&, depth] { nest(depth - 1); });
      s.spawn("sleeper", [&] {
        const counts own{unwound};
        task::sleep(1h);
      });
      s.join();
    };
    task::scope all;
    all.spawn("nest", [&] { nest(9); });
    task::sleep(1s);
    all.cancel();
    all.join();
    CHECK(unwound == 20);
  });
}

TEST_CASE("an error climbs through a thousand scopes, and so does a cancellation") {
  task::simulation{}.run([] {
    const std::function<void(int, bool)> nest = [&](int depth, bool fails) {
      if (depth == 0) {
        if (fails) throw std::runtime_error("from the bottom");
        task::sleep(1h);
        return;
      }
      task::scope s;
      s.spawn("deeper", [&, depth] { nest(depth - 1, fails); });
      s.join();
    };
    CHECK_THROWS_WITH(nest(1000, true), "from the bottom");
    CHECK_FALSE(task::within(1s, [&] { nest(1000, false); }));
    CHECK(task::fibers().size() == 1);
  });
}

TEST_CASE("a child may start siblings, also while the opener joins") {
  task::simulation{}.run([] {
    int ended = 0;
    task::scope s;
    const std::function<void(int)> family = [&](int generations) {
      if (generations > 0) {
        for (int i = 0; i < 2; ++i) s.spawn("sibling", [&, generations] { family(generations - 1); });
      }
      task::sleep(1s);
      ++ended;
    };
    s.spawn("first", [&] { family(6); });
    s.join();
    CHECK(ended == 127);
  });
}

TEST_CASE("a fiber that joins its own scope is told so") {
  task::simulation{}.run([] {
    task::scope s;
    s.spawn("confused", [&] { s.join(); });
    CHECK_THROWS_AS(s.join(), std::logic_error);
  });
}

TEST_CASE("an error that reached nobody is reported by name") {
  task::simulation world;
  world.run([] {
    task::scope s{"background"};
    s.spawn("worker", [] { throw std::runtime_error("disk full"); });
    task::scope other;
    other.spawn("lets the worker run", [] {});
    {
      const task::shield nothing_reaches_the_opener;
      other.join();
    }
  });
  REQUIRE(world.notes().size() == 1);
  CHECK(world.notes()[0] == "fiber 'worker' of scope 'background' failed, and nobody joined it: disk full");
}

TEST_CASE("a scope may outlive the fiber that opened it") {
  task::simulation{}.run([] {
    std::unique_ptr<task::scope> kept;
    bool unwound = false;
    task::scope s;
    s.spawn("opener", [&] {
      kept = std::make_unique<task::scope>("kept");
      kept->spawn("child", [&] {
        const task::on_exit_set mark{unwound};
        task::sleep(1h);
      });
    });
    s.join();
    CHECK(kept->size() == 1);
    task::sleep(1s);
    kept.reset();
    CHECK(unwound);
  });
}

TEST_CASE("scopes need not end in the order in which they were opened") {
  task::simulation{}.run([] {
    auto first = std::make_unique<task::scope>("first");
    auto second = std::make_unique<task::scope>("second");
    second->spawn("failing", [] { throw 1; });
    first.reset();
    CHECK_THROWS_AS(task::sleep(1s), int);
    CHECK_THROWS_AS(second->join(), int);
    second.reset();
    task::sleep(1s);
  });
}

TEST_CASE("names are kept up to their limit") {
  task::simulation{}.run([] {
    const std::string long_name(100, 'x');
    task::scope s{long_name};
    CHECK(s.name() == long_name.substr(0, 31));
    s.spawn(long_name, [&] { CHECK(task::current_name() == long_name.substr(0, 47)); });
    s.join();
  });
}
