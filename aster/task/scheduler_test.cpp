// When the scheduler looks at the world outside.
#include "aster/task/scheduler.hpp"

#include <doctest/doctest.h>

#include <string>

#include "aster/task.hpp"
#include "aster/task/test_world.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("when nothing is ready, the scheduler waits until the next deadline, once") {
  task::test_world world;
  world.run([] {
    task::scope s;
    s.spawn("later", [] { task::sleep(2s); });
    s.spawn("sooner", [] { task::sleep(1s); });
    s.join();
  });
  CHECK(world.waits == std::vector{task::time_point{1s}, task::time_point{2s}});
}

TEST_CASE("while fibers keep running, devices are looked at every 64 switches, without waiting") {
  task::test_world world;
  world.run([&] {
    task::scope s;
    for (int i = 0; i < 2; ++i) {
      s.spawn("busy", [] {
        for (int n = 0; n < 3200; ++n) task::yield();
      });
    }
    s.join();
  });
  CHECK(world.waits.size() >= 98);  // 6,400 switches
  CHECK(world.waits.size() <= 101);
  for (const auto deadline : world.waits) CHECK(deadline <= world.now());
}

TEST_CASE("a fiber that yields alone still lets time and devices be looked at") {
  task::test_world world;
  world.run([&] {
    world.on_wait = [&](task::time_point) {
      world.time += 1s;
      return true;
    };
    bool woken = false;
    task::scope s;
    s.spawn("sleeper", [&] {
      task::sleep(10s);
      woken = true;
    });
    while (!woken) task::yield();
    s.join();
  });
  CHECK(world.waits.size() <= 14);
}

TEST_CASE("when turns are long, devices are looked at more often than every 64 switches") {
  task::test_world world;
  world.run([&] {
    task::set_hog_limit(100ms);
    task::scope s;
    for (int i = 0; i < 2; ++i) {
      s.spawn("slow", [] {
        for (int n = 0; n < 10; ++n) {
          const auto begin = std::chrono::steady_clock::now();
          while (std::chrono::steady_clock::now() - begin < 2ms) {
          }
          task::yield();
        }
      });
    }
    s.join();
  });
  CHECK(world.waits.size() >= 10);
}

TEST_CASE("fibers that wait for an event wake when the platform has looked, or at their deadline") {
  task::test_world world;
  world.run([&] {
    int events = 0;
    world.on_wait = [&](task::time_point deadline) {
      if (deadline > world.time) world.time += 1ms;  // then a device has something
      return true;
    };
    task::scope s{"devices"};
    s.spawn("stack", [&] {
      for (;;) {
        task::wait_for_event(task::never);
        ++events;
      }
    });
    s.spawn("application", [&] {
      task::yield();
      task::sleep(10ms);
      s.cancel();
    });
    s.join();
    CHECK(events >= 9);
  });

  task::test_world quiet;
  quiet.run([&] {
    task::wait_for_event(task::time_point{1s});
    CHECK(quiet.time == task::time_point{1s});
  });
  CHECK(quiet.waits == std::vector{task::time_point{1s}});
}

TEST_CASE("a raised event makes the next look return at once") {
  task::test_world world;
  world.run([&] {
    task::scope s;
    bool heard = false;
    s.spawn("stack", [&] {
      task::wait_for_event(task::time_point{1h});
      heard = true;
    });
    task::yield();
    task::raise_event();
    s.join();
    CHECK(heard);
    CHECK(world.time == task::time_point{});
  });
}

TEST_CASE("hooks are called before each look at the devices, in the order of their construction") {
  task::test_world world;
  std::string log;
  world.on_wait = [&](task::time_point) {
    log += "wait ";
    return false;
  };
  world.run([&] {
    const task::before_wait first{[](void* l) { *static_cast<std::string*>(l) += "first "; }, &log};
    {
      const task::before_wait gone{[](void* l) { *static_cast<std::string*>(l) += "gone "; }, &log};
    }
    const task::before_wait second{[](void* l) { *static_cast<std::string*>(l) += "second "; }, &log};
    task::sleep(1s);
    CHECK(log == "first second wait ");
    task::sleep(1s);
    CHECK(log == "first second wait first second wait ");
  });
}

TEST_CASE("a hook may notify fibers: then the scheduler looks and does not wait") {
  task::test_world world;
  world.run([&] {
    task::wait_queue room;
    const task::before_wait flush{[](void* queue) { static_cast<task::wait_queue*>(queue)->notify_all(); },
                                  &room};
    room.wait();
    CHECK(world.waits.size() == 1);
    CHECK(world.waits[0] <= world.time);
  });
}

TEST_CASE("a shutdown cancels the root fiber, and through scopes all others") {
  task::test_world world;
  std::string log;
  bool cancelled = false;
  world.run([&] {
    try {
      world.on_wait = [&](task::time_point) {
        world.shutdown = world.time >= task::time_point{3s};
        return false;
      };
      task::scope s{"server"};
      for (const char name : {'a', 'b'}) {
        s.spawn("connection", [&, name] {
          try {
            for (;;) task::sleep(1s);
          } catch (const task::cancelled&) {
            log += name;
            throw;
          }
        });
      }
      CHECK_FALSE(task::stopping());
      s.join();
    } catch (const task::cancelled&) {
      cancelled = true;
      CHECK(task::stopping());
    }
  });
  CHECK(cancelled);
  CHECK(log == "ab");
}

TEST_CASE("when nothing but a shutdown can happen any more, that is noted by name, once") {
  task::test_world world;
  bool cancelled = false;
  world.on_wait = [&](task::time_point deadline) {
    CHECK((deadline == task::never));
    world.shutdown = world.waits.size() == 3;
    return true;
  };
  world.run([&] {
    try {
      task::wait_queue answer{"an answer"};
      task::scope s{"clients"};
      s.spawn("client", [&] { answer.wait(); });
      s.join();
    } catch (const task::cancelled&) {
      cancelled = true;
    }
  });
  CHECK(cancelled);
  REQUIRE(world.notes.size() == 1);
  CHECK(world.notes[0] ==
        "nothing left to do but to be stopped: 'main' waits for its children, 'client' waits for an answer");
}

TEST_CASE("a program that waits for a device is not reported as stuck") {
  task::test_world world;
  world.on_wait = [&](task::time_point) {
    world.shutdown = world.waits.size() == 3;
    return true;
  };
  world.run([&] {
    const auto poll = [] {
      for (;;) task::wait_for_event(task::never);
    };
    CHECK_THROWS_AS(poll(), task::cancelled);
  });
  CHECK(world.waits.size() == 3);
  CHECK(world.notes.empty());
}

TEST_CASE("an idle program wakes to give back the stacks of a burst, then sleeps on") {
  task::test_world world;
  world.run([&] {
    task::scope s;
    for (int i = 0; i < 300; ++i) s.spawn("burst", [] { task::yield(); });
    s.join();
    task::sleep(1h);
    CHECK(world.stacks.warm() == 16);
    CHECK(world.waits.size() < 20);
  });
  CHECK(world.time == task::time_point{1h});
}
