#include "aster/task/mutex.hpp"

#include <doctest/doctest.h>

#include <mutex>
#include <stdexcept>
#include <string>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("one fiber at a time holds it, in the order in which they came") {
  task::simulation{}.run([] {
    task::mutex mutex;
    std::string log;
    task::scope s;
    for (const char name : {'a', 'b', 'c'}) {
      s.spawn("holder", [&, name] {
        const std::lock_guard alone{mutex};
        log += name;
        task::sleep(1s);
        log += name;
      });
    }
    s.join();
    CHECK(log == "aabbcc");
  });
}

TEST_CASE("nobody overtakes: unlock hands the mutex to who waits longest") {
  task::simulation{}.run([] {
    task::mutex mutex;
    std::string log;
    mutex.lock();
    task::scope s;
    s.spawn("waits", [&] {
      const std::lock_guard alone{mutex};
      log += "waiter ";
    });
    task::yield();
    mutex.unlock();
    CHECK_FALSE(mutex.try_lock());  // it is the waiter's already
    mutex.lock();
    log += "again";
    mutex.unlock();
    s.join();
    CHECK(log == "waiter again");
  });
}

TEST_CASE("try_lock takes it if it is free") {
  task::simulation{}.run([] {
    task::mutex mutex;
    CHECK(mutex.try_lock());
    CHECK_FALSE(mutex.try_lock());
    mutex.unlock();
    CHECK(mutex.try_lock());
    mutex.unlock();
  });
}

TEST_CASE("a fiber that locks twice is told so") {
  task::simulation{}.run([] {
    task::mutex mutex;
    const std::lock_guard once{mutex};
    CHECK_THROWS_AS(mutex.lock(), std::logic_error);
  });
}

TEST_CASE("a waiter that is cancelled does not hold it, and the next one gets it") {
  task::simulation{}.run([] {
    task::mutex mutex;
    bool patient_got_it = false;
    mutex.lock();
    task::scope victims, others;
    victims.spawn("cancelled", [&] {
      const std::lock_guard alone{mutex};
      FAIL("locked");
    });
    others.spawn("patient", [&] {
      const std::lock_guard alone{mutex};
      patient_got_it = true;
    });
    task::yield();
    victims.cancel();
    mutex.unlock();
    victims.join();
    others.join();
    CHECK(patient_got_it);
  });
}

TEST_CASE("a waiter that got it and is cancelled before it runs holds it, and gives it back as it unwinds") {
  task::simulation{}.run([] {
    task::mutex mutex;
    mutex.lock();
    task::scope s;
    bool held = false;
    s.spawn("waits", [&] {
      const std::lock_guard alone{mutex};
      held = true;
      task::sleep(1h);
    });
    task::yield();
    mutex.unlock();
    s.cancel();
    s.join();
    CHECK(held);
    CHECK(mutex.try_lock());
    mutex.unlock();
  });
}
