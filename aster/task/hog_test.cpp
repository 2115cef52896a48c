#include "aster/task/hog.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "aster/task.hpp"
#include "aster/task/test_world.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

// Computes for `d` of real time. The world's clock follows the real one.
struct real_time_world {
  task::test_world world;
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  void compute(task::duration d) {
    const auto until = std::chrono::steady_clock::now() + d;
    while (std::chrono::steady_clock::now() < until) {
    }
    catch_up();
  }
  void catch_up() { world.time = task::time_point{std::chrono::steady_clock::now() - begin} + offset; }
  task::duration offset{};
  // A busy machine may take the CPU from any fiber for a while, so tests ask only about the one they mean.
  [[nodiscard]] std::vector<std::string> notes_about(std::string_view name) const {
    std::vector<std::string> found;
    for (const std::string& note : world.notes) {
      if (note.starts_with("fiber '" + std::string{name} + "' held the CPU for ")) found.push_back(note);
    }
    return found;
  }
};

}  // namespace

TEST_CASE("a fiber that held the CPU longer than the limit is named at its next switch") {
  real_time_world real;
  real.world.run([&] {
    task::set_hog_limit(5ms);
    CHECK(task::hog_limit() == 5ms);
    task::scope s;
    s.spawn("thumbnail", [&] {
      real.compute(12ms);
      CHECK(real.notes_about("thumbnail").empty());
      task::yield();
    });
    s.spawn("modest", [&] {
      real.compute(1ms);
      task::yield();
    });
    s.join();
  });
  const auto notes = real.notes_about("thumbnail");
  REQUIRE(notes.size() == 1);
  const std::string& note = notes[0];
  CHECK(note.ends_with(" ms"));
  const int held = std::stoi(note.substr(note.find("for ") + 4));
  CHECK(held >= 11);
}

TEST_CASE("a fiber that ends after too long is named too") {
  real_time_world real;
  real.world.run([&] {
    task::set_hog_limit(5ms);
    task::scope s;
    s.spawn("one go", [&] { real.compute(12ms); });
    s.join();
  });
  CHECK(real.notes_about("one go").size() == 1);
}

TEST_CASE("each fiber is named once a second at most") {
  real_time_world real;
  real.world.run([&] {
    task::set_hog_limit(2ms);
    task::scope s;
    s.spawn("hog", [&] {
      for (int i = 0; i < 4; ++i) {
        real.compute(4ms);
        if (i == 2) real.offset = 1s;  // the world's clock says that a second went by
        real.catch_up();
        task::yield();
      }
    });
    s.spawn("other", [] {
      for (int i = 0; i < 20; ++i) task::yield();
    });
    s.join();
  });
  CHECK(real.notes_about("hog").size() == 2);
}

TEST_CASE("nobody is named while there is no other fiber, when the detector is off, or under virtual time") {
  real_time_world alone;
  alone.world.run([&] {
    task::set_hog_limit(2ms);
    alone.compute(5ms);
    task::yield();
    task::sleep(1ms);
  });
  CHECK(alone.world.notes.empty());

  real_time_world off;
  off.world.run([&] {
    task::set_hog_limit(0s);
    task::scope s;
    s.spawn("hog", [&] { off.compute(5ms); });
    s.join();
  });
  CHECK(off.world.notes.empty());

  task::simulation world;
  world.run([] { CHECK(task::hog_limit() == 0s); });
}

TEST_CASE("a fiber that never switches is named by the timer's ticks, once for each stretch") {
  task::test_world world;
  world.run([&] {
    task::set_hog_limit(100ms);
    task::scope s;
    s.spawn("endless", [&] {
      for (int i = 0; i < 20; ++i) task::hog_tick(20ms);
      REQUIRE(world.notes.size() == 1);
      task::yield();
      for (int i = 0; i < 5; ++i) task::hog_tick(20ms);  // the first sees that there was a switch
      CHECK(world.notes.size() == 1);
      task::hog_tick(20ms);
      CHECK(world.notes.size() == 2);
    });
    s.spawn("other", [] { task::yield(); });
    s.join();
  });
  CHECK(world.notes[0] == "fiber 'endless' has held the CPU for 100 ms and goes on");
}

TEST_CASE("ticks while the scheduler waits name nobody") {
  task::test_world world;
  world.on_wait = [](task::time_point) {
    for (int i = 0; i < 100; ++i) task::hog_tick(20ms);
    return false;
  };
  world.run([&] {
    task::set_hog_limit(100ms);
    task::scope s;
    s.spawn("sleeper", [] { task::sleep(1s); });
    s.join();
  });
  CHECK(world.notes.empty());
}
