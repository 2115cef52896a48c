#include "aster/task/introspection.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

TEST_CASE("fibers() says who is alive, in what state, and what each waits for") {
  task::simulation{}.run([] {
    task::mutex mutex;
    mutex.lock();
    task::wait_queue answer{"an answer"};
    task::channel<int> channel{0};
    task::scope s{"clients"};
    s.spawn("sleeper", [] { task::sleep(2h); });
    s.spawn("locks", [&] { mutex.lock(); });
    s.spawn("receives", [&] { static_cast<void>(channel.receive()); });
    s.spawn("in time", [&] { static_cast<void>(answer.wait_until(task::time_point{1h})); });
    task::yield();
    s.spawn("newborn", [] {});

    const auto all = task::fibers();
    REQUIRE(all.size() == 6);
    const struct {
      const char* name;
      const char* scope;
      task::fiber_state state;
      const char* waits_for;
      task::time_point until;
    } expected[] = {
        {"root", "", task::fiber_state::running, "", task::never},
        {"sleeper", "clients", task::fiber_state::sleeping, "", task::time_point{2h}},
        {"locks", "clients", task::fiber_state::waiting, "a mutex", task::never},
        {"receives", "clients", task::fiber_state::waiting, "a value in a channel", task::never},
        {"in time", "clients", task::fiber_state::waiting, "an answer", task::time_point{1h}},
        {"newborn", "clients", task::fiber_state::ready, "", task::never},
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      CAPTURE(expected[i].name);
      CHECK(all[i].name == expected[i].name);
      CHECK(all[i].scope == expected[i].scope);
      CHECK(all[i].state == expected[i].state);
      CHECK(all[i].waits_for == expected[i].waits_for);
      CHECK(all[i].until == expected[i].until);
      CHECK_FALSE(all[i].cancelled);
    }
    CHECK(all[0].stack_size == 0);
    CHECK(all[1].stack_size >= 64 * 1024);
    CHECK(all[1].switches == 1);
    CHECK(all[5].switches == 0);

    s.cancel();
    CHECK(task::fibers()[1].cancelled);
  });
}

TEST_CASE("the stack's use is that of the deepest call that parked") {
  task::simulation{}.run([] {
    task::scope s;
    s.spawn("shallow", [] { task::sleep(1h); });
    s.spawn("deep", [] {
      std::array<char, 20'000> frame;
      asm volatile("" : : "r"(frame.data()) : "memory");  // it is really there
      task::sleep(1h);
    });
    task::yield();
    const auto all = task::fibers();
    CHECK(all[1].stack_used > 0);
    CHECK(all[1].stack_used < 4096);
    CHECK(all[2].stack_used > 20'000);
    CHECK(all[2].stack_used < all[2].stack_size);
    s.cancel();
  });
}

TEST_CASE("a fiber knows its name") {
  task::simulation{}.run([] {
    CHECK(task::current_name() == "root");
    task::scope s;
    s.spawn("Alice", [] { CHECK(task::current_name() == "Alice"); });
    s.join();
  });
}
