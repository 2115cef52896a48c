#include "aster/task/wait_queue.hpp"

#include <doctest/doctest.h>

#include <string>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("fibers are woken in the order in which they came") {
  task::simulation{}.run([] {
    std::string log;
    task::wait_queue queue;
    task::scope s;
    for (const char name : {'a', 'b', 'c', 'd'}) {
      s.spawn("waiter", [&, name] {
        queue.wait();
        log += name;
      });
    }
    task::yield();
    queue.notify_one();
    CHECK(log.empty());  // notify never switches
    task::yield();
    CHECK(log == "a");
    queue.notify_all();
    s.join();
    CHECK(log == "abcd");
    queue.notify_one();  // nobody there: nothing is remembered
    CHECK(queue.empty());
  });
}

TEST_CASE("a deadline ends the wait, and a notification before it counts even if the fiber runs later") {
  task::simulation{}.run([] {
    task::wait_queue queue;
    CHECK_FALSE(queue.wait_until(task::time_point{1s}));
    CHECK(task::now().time_since_epoch() == 1s);
    CHECK(queue.empty());

    task::scope s;
    s.spawn("notifier", [&] {
      task::sleep_until(task::time_point{2s});
      queue.notify_one();
    });
    s.spawn("waiter", [&] { CHECK(queue.wait_until(task::time_point{2s} + 1ns)); });
    s.join();
    CHECK_FALSE(queue.wait_until(task::time_point{1s}));  // in the past
  });
}

TEST_CASE("a waiter that is cancelled or out of time leaves no trace: the next one gets the notification") {
  task::simulation{}.run([] {
    std::string log;
    task::wait_queue queue;
    task::scope victims, others;
    victims.spawn("cancelled", [&] { queue.wait(); });
    others.spawn("out of time", [&] { CHECK_FALSE(queue.wait_until(task::time_point{1s})); });
    others.spawn("patient", [&] {
      queue.wait();
      log += "patient";
    });
    task::sleep(1s);
    task::yield();
    victims.cancel();
    queue.notify_one();  // the cancelled one is still unwinding
    victims.join();
    others.join();
    CHECK(log == "patient");
  });
}

TEST_CASE("a fiber notified and then cancelled has got what it waited for") {
  task::simulation{}.run([] {
    bool got = false;
    task::wait_queue queue;
    task::scope s;
    s.spawn("waiter", [&] {
      queue.wait();
      got = true;
    });
    task::yield();
    queue.notify_one();
    s.cancel();
    s.join();
    CHECK(got);
  });
}

TEST_CASE("whoever notifies can see what the first waiter offers") {
  task::simulation{}.run([] {
    task::wait_queue queue;
    CHECK(queue.front_offer() == nullptr);
    task::scope s;
    s.spawn("waiter", [&] {
      int place = 0;
      queue.wait(&place);
      CHECK(place == 42);
    });
    task::yield();
    *static_cast<int*>(queue.front_offer()) = 42;
    queue.notify_one();
    s.join();
  });
}
