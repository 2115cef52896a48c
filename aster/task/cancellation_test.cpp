#include "aster/task/cancellation.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "aster/task.hpp"
#include "aster/task/test_world.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

// Cancels a fiber that runs `body`, after a second.
void cancel_after_a_second(const std::function<void()>& body) {
  task::scope s;
  s.spawn("victim", [&] { body(); });
  task::sleep(1s);
  s.cancel();
  s.join();
}

}  // namespace

TEST_CASE("every blocking call of a cancelled fiber throws, also one that need not park") {
  task::channel<int> channel{1};
  task::mutex mutex;
  task::semaphore semaphore{5};
  task::one_shot<int> one_shot;
  one_shot.set(1);
  task::wait_queue queue;
  const struct {
    const char* name;
    std::function<void()> call;
  } calls[] = {
      {"yield", [] { task::yield(); }},
      {"sleep", [] { task::sleep(1s); }},
      {"sleep not at all", [] { task::sleep(0s); }},
      {"sleep_until", [] { task::sleep_until(task::never); }},
      {"checkpoint", [] { task::checkpoint(); }},
      {"wait", [&] { queue.wait(); }},
      {"wait_until", [&] { static_cast<void>(queue.wait_until(task::never)); }},
      {"wait_for_event", [] { task::wait_for_event(task::never); }},
      {"join", [] { task::scope{}.join(); }},
      {"send", [&] { static_cast<void>(channel.send(1)); }},
      {"receive", [&] { static_cast<void>(channel.receive()); }},
      {"lock", [&] { mutex.lock(); }},
      {"acquire", [&] { semaphore.acquire(); }},
      {"get", [&] { static_cast<void>(one_shot.get()); }},
      {"within", [] { static_cast<void>(task::within(1s, [] { task::yield(); })); }},
      {"first_of", [] { static_cast<void>(task::first_of([] { return 1; })); }},
      {"all", [] { static_cast<void>(task::all([] { return 1; })); }},
  };
  for (const auto& blocking : calls) {
    CAPTURE(blocking.name);
    task::simulation{}.run([&] {
      task::scope s;
      s.cancel();
      bool thrown = false;
      s.spawn("cancelled", [&] {
        try {
          blocking.call();
        } catch (const task::cancelled&) {
          thrown = true;
        }
      });
      s.join();
      CHECK(thrown);
    });
  }
}

TEST_CASE("cancelled is no std::exception") {
  task::simulation{}.run([] {
    bool caught = false;
    cancel_after_a_second([&] {
      try {
        task::sleep(1h);
      } catch (const std::exception&) {
        caught = true;
      }
    });
    CHECK_FALSE(caught);
  });
}

TEST_CASE("who swallows a cancellation meets it again at the next blocking call") {
  task::simulation world;
  world.run([] {
    int swallowed = 0;
    cancel_after_a_second([&] {
      for (int i = 0; i < 3; ++i) {
        try {
          task::sleep(1h);
        } catch (const task::cancelled&) {
          ++swallowed;
        }
      }
    });
    CHECK(swallowed == 3);
  });
  CHECK(world.now().time_since_epoch() == 1s);
}

TEST_CASE("a destructor that blocks while a cancelled fiber unwinds is not interrupted") {
  task::simulation world;
  world.run([] {
    bool said_goodbye = false;
    cancel_after_a_second([&] {
      struct polite {
        bool& said;
        ~polite() {
          task::sleep(10s);
          task::mutex m;
          const std::lock_guard alone{m};
          said = true;
        }
      } const session{said_goodbye};
      task::sleep(1h);
    });
    CHECK(said_goodbye);
  });
  CHECK(world.now().time_since_epoch() == 11s);
}

TEST_CASE("a cancellation that comes while an exception unwinds waits until it is caught") {
  task::simulation world;
  world.run([] {
    std::string log;
    cancel_after_a_second([&] {
      struct slow {
        std::string& log;
        ~slow() {
          task::sleep(10s);  // cancelled after one
          log += "destructor ";
        }
      };
      try {
        const slow s{log};
        throw std::runtime_error("own trouble");
      } catch (const std::runtime_error&) {
        log += "caught ";
      }
      task::yield();
      log += "not reached";
    });
    CHECK(log == "destructor caught ");
  });
  CHECK(world.now().time_since_epoch() == 10s);
}

TEST_CASE("a farewell in a destructor can be limited by a deadline of its own") {
  task::simulation world;
  world.run([] {
    bool limited = false;
    cancel_after_a_second([&] {
      struct polite {
        bool& limited;
        ~polite() {
          limited = !task::within(100ms, [] { task::sleep(1h); });
          limited = limited && !task::within(100ms, [] {
                      task::scope s;
                      s.spawn("child", [] { task::sleep(1h); });
                      s.join();
                    });
        }
      } const session{limited};
      task::sleep(1h);
    });
    CHECK(limited);
  });
  CHECK(world.now().time_since_epoch() == 1200ms);
}

TEST_CASE("a fiber may be started, awaited and cancelled inside a destructor that unwinds") {
  task::simulation{}.run([] {
    int ended = 0;
    cancel_after_a_second([&] {
      struct cleans_up {
        int& ended;
        ~cleans_up() {
          task::scope s;
          for (int i = 0; i < 3; ++i) {
            s.spawn("cleaner", [this] {
              task::sleep(1s);
              ++ended;
            });
          }
          s.join();
        }
      } const cleanup{ended};
      task::sleep(1h);
    });
    CHECK(ended == 3);
  });
}

TEST_CASE("a shield holds cancellation off as long as it lives") {
  task::simulation world;
  world.run([] {
    std::string log;
    cancel_after_a_second([&] {
      {
        const task::shield undisturbed;
        task::sleep(10s);
        log += "committed ";
        const task::shield inner;
        task::sleep(10s);
        log += "twice ";
      }
      task::sleep(1h);
      log += "not reached";
    });
    CHECK(log == "committed twice ");
  });
  CHECK(world.now().time_since_epoch() == 20s);
}

TEST_CASE("a deadline inside a shield interrupts, one outside does not") {
  task::simulation world;
  world.run([] {
    const auto outer = task::within(1s, [] {
      const task::shield undisturbed;
      CHECK_FALSE(task::within(5s, [] { task::sleep(1h); }));
      return task::now();
    });
    CHECK(outer.value().time_since_epoch() == 5s);
  });
}

TEST_CASE("a fiber that is ready when it is cancelled goes on to its next blocking call") {
  task::simulation{}.run([] {
    std::string log;
    task::scope s;
    task::wait_queue queue;
    s.spawn("notified", [&] {
      queue.wait();
      log += "woke ";
      task::yield();
      log += "not reached";
    });
    task::yield();
    queue.notify_one();
    s.cancel();
    s.join();
    CHECK(log == "woke ");
  });
}

TEST_CASE("a fiber may cancel its own scope") {
  task::simulation{}.run([] {
    std::string log;
    task::scope s;
    s.spawn("self", [&] {
      s.cancel();
      log += "went on ";
      task::yield();
      log += "not reached";
    });
    s.join();
    CHECK(log == "went on ");
  });
}

TEST_CASE("cancelling twice is cancelling once") {
  task::simulation{}.run([] {
    int unwound = 0;
    task::scope s;
    s.spawn("victim", [&] {
      try {
        task::sleep(1h);
      } catch (const task::cancelled&) {
        ++unwound;
        throw;
      }
    });
    task::yield();
    s.cancel();
    s.cancel();
    task::yield();
    s.cancel();
    s.join();
    CHECK(unwound == 1);
  });
}
