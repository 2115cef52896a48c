// A world for tests of the scheduler: a clock that moves as the test says, and a record of what was asked.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "aster/task/driver.hpp"
#include "aster/task/scheduler.hpp"
#include "aster/task/stack_pool.hpp"

namespace aster::task {

class test_world final : public driver {
 public:
  time_point now() noexcept override { return time; }
  void wait(time_point deadline) noexcept override {
    waits.push_back(deadline);
    if (on_wait && on_wait(deadline)) return;
    if (deadline != never && deadline > time) time = deadline;
  }
  bool shutdown_requested() noexcept override { return shutdown; }
  void note(std::string_view line) noexcept override { notes.emplace_back(line); }

  time_point time{};
  bool shutdown = false;
  std::vector<time_point> waits;
  std::vector<std::string> notes;
  /// Called in each wait; true: something has ended it, time is what the test has made it.
  std::function<bool(time_point)> on_wait;
  stack_pool stacks;

  /// Calls `root` as root fiber of a scheduler on this world, without the detector of hogs: it sweeps by real
  /// time, which would make tests depend on the machine.
  template <class Function>
  void run(Function&& root) {
    scheduler mine{*this, stacks, "main", true};
    mine.set_hog_limit(duration::zero());
    struct replaced {
      scheduler* outer;
      ~replaced() { scheduler::exchange_current(outer); }
    } const guard{scheduler::exchange_current(&mine)};
    root();
  }
};

/// Says in `flag` that a scope of a program was left, by whatever way.
struct on_exit_set {
  bool& flag;
  ~on_exit_set() { flag = true; }
};

}  // namespace aster::task
