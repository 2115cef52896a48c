// Virtual time: a test that "waits" an hour takes microseconds, and goes the same way each time.
//
//   task::simulation world;
//   world.run([] {
//     auto answer = task::within(1h, [] { task::sleep(2h); });
//     CHECK(!answer);
//   });
//   CHECK(world.now().time_since_epoch() == 1h);
//
// Inside `run` everything of aster/task works on a scheduler of its own whose root fiber is the caller. Time
// stands still while any fiber can run and jumps to the next deadline when none can. A fiber that loops on
// `yield` until a time has come therefore loops for ever.
//
// Device events: fibers in `wait_for_event` are woken when nothing else can run, if anything but such a
// fiber has run since the last time or `raise_event` was called, and after every jump of the time.
#pragma once
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "aster/task/driver.hpp"

namespace aster::task {

/// No fiber can run, no deadline is set: nothing will ever happen. `what()` names the fibers and what they
/// wait for. Thrown in the root fiber, out of the call it is parked in.
struct deadlock : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class scheduler;

class simulation {
 public:
  /// How the next of several ready fibers is chosen. `shuffled` is for tests that must hold under every
  /// order: it picks by the seed.
  enum class order : std::uint8_t { first_ready_first, shuffled };

  explicit simulation(std::uint64_t seed = 1, order o = order::first_ready_first) noexcept
      : seed_{seed}, random_{seed}, order_{o} {}
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  /// Calls `root()` as root fiber and returns its result; exceptions pass. All other fibers must have ended
  /// by then. May be called again: time goes on where it was.
  template <class Function>
  decltype(auto) run(Function&& root) {
    const session inside{*this};
    return std::invoke(std::forward<Function>(root));
  }

  /// Virtual time; starts at the clock's epoch.
  [[nodiscard]] time_point now() const noexcept { return world_.time; }

  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }

  /// Pseudo-random numbers from the seed (splitmix64).
  [[nodiscard]] std::uint64_t random() noexcept;

  /// As if the platform had been asked to stop: the root fiber is cancelled at the next sweep.
  void request_shutdown() noexcept { world_.shutdown = true; }

  /// What the runtime had to say, in order.
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return world_.notes; }

 private:
  struct virtual_world final : driver {
    time_point now() noexcept override { return time; }
    void wait(time_point deadline) noexcept override;
    bool shutdown_requested() noexcept override { return shutdown; }
    void note(std::string_view line) noexcept override;
    [[nodiscard]] bool time_is_virtual() const noexcept override { return true; }

    time_point time{};
    bool shutdown = false;
    std::vector<std::string> notes;
  };

  // Puts a scheduler of this world in the thread's place while it lives.
  class session {
   public:
    explicit session(simulation& s);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

   private:
    scheduler* outer_;
    scheduler* inner_;
  };

  virtual_world world_;
  std::uint64_t seed_;
  std::uint64_t random_;
  order order_;
};

}  // namespace aster::task
