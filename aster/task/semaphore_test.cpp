#include "aster/task/semaphore.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("no more than the units are in use at once") {
  task::simulation world;
  world.run([] {
    task::semaphore uploads{3};
    int running = 0, most = 0;
    task::scope s;
    for (int i = 0; i < 10; ++i) {
      s.spawn("upload", [&] {
        uploads.acquire();
        most = std::max(most, ++running);
        task::sleep(1s);
        --running;
        uploads.release();
      });
    }
    s.join();
    CHECK(most == 3);
    CHECK(uploads.available() == 3);
  });
  CHECK(world.now().time_since_epoch() == 4s);
}

TEST_CASE("units are granted in the order of the requests: a large one does not starve") {
  task::simulation{}.run([] {
    task::semaphore units{0};
    std::string log;
    task::scope s;
    s.spawn("large", [&] {
      units.acquire(3);
      log += "large ";
    });
    s.spawn("small", [&] {
      units.acquire(1);
      log += "small ";
    });
    task::yield();
    units.release(2);
    CHECK_FALSE(units.try_acquire());  // others wait
    task::sleep(1s);
    CHECK(log.empty());
    units.release(2);
    s.join();
    CHECK(log == "large small ");
    CHECK(units.available() == 0);
  });
}

TEST_CASE("try_acquire takes what is there or nothing") {
  task::semaphore units{2};
  CHECK_FALSE(units.try_acquire(3));
  CHECK(units.try_acquire(2));
  CHECK_FALSE(units.try_acquire());
  units.release();
  CHECK(units.try_acquire());
}

TEST_CASE("when a large request is cancelled, the smaller ones behind it are granted") {
  task::simulation{}.run([] {
    task::semaphore units{1};
    std::string log;
    task::scope victims, others;
    victims.spawn("large", [&] { units.acquire(5); });
    others.spawn("small", [&] {
      units.acquire(1);
      log += "small";
    });
    task::sleep(1s);
    CHECK(log.empty());
    victims.cancel();
    victims.join();
    others.join();
    CHECK(log == "small");
  });
}

TEST_CASE("units granted to a fiber that is cancelled before it runs are its own") {
  task::simulation{}.run([] {
    task::semaphore units{0};
    task::scope s;
    s.spawn("waits", [&] {
      units.acquire();
      struct gives_back {
        task::semaphore& units;
        ~gives_back() { units.release(); }
      } const held{units};
      task::sleep(1h);
    });
    task::yield();
    units.release();
    s.cancel();
    s.join();
    CHECK(units.available() == 1);
  });
}
