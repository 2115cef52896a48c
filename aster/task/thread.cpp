// The scheduler of a thread: made when it is first needed, gone with the thread.
#include "aster/task/thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <optional>

#include "abi/platform.hpp"
#include "aster/task/hog.hpp"
#include "aster/task/scheduler.hpp"

namespace aster::task {
namespace {

struct thread_home {
  stack_pool stacks;
  std::optional<scheduler> own;
};

constinit thread_local scheduler* current_scheduler = nullptr;
constinit thread_local thread_home* home = nullptr;

constinit pthread_t main_thread{};
constinit thread_home* main_home = nullptr;

[[gnu::constructor(101)]] void remember_main_thread() { main_thread = ::pthread_self(); }

bool in_main_thread() noexcept { return ::pthread_equal(::pthread_self(), main_thread) != 0; }

void report_left_behind(scheduler& s) noexcept {
  if (s.alive() > 1) s.world().note(s.left_behind().view());
}

// Globals of the program are destroyed after the main thread's thread_local objects and may need fibers for
// it, so the main thread keeps its scheduler to the very end. This runs after all their destructors.
[[gnu::destructor(101)]] void end_main_thread() {
  if (main_home != nullptr && main_home->own) report_left_behind(*main_home->own);
}

struct thread_end {
  ~thread_end() {
    if (home == nullptr || in_main_thread()) return;
    if (home->own && home->own->alive() > 1) {
      report_left_behind(*home->own);  // their stacks are lost with them
      return;
    }
    current_scheduler = nullptr;
    delete home;
    home = nullptr;
  }
};

const char* name_of_running() noexcept {
  return current_scheduler != nullptr ? current_scheduler->running_name() : nullptr;
}

const char* name_of_guard_owner(const void* address) noexcept {
  const fiber* const f = home != nullptr ? home->stacks.guard_owner(address) : nullptr;
  return f != nullptr ? f->name : nullptr;
}

thread_home& this_home() {
  if (home == nullptr) {
    static thread_local thread_end at_end;
    static_cast<void>(&at_end);
    home = new thread_home;
    if (in_main_thread()) main_home = home;
    abi::set_fiber_names({.current = name_of_running,
                          .guard_owner = name_of_guard_owner,
                          .tick = [](std::uint64_t passed) noexcept { hog_tick(duration(passed)); }});
  }
  return *home;
}

class platform final : public driver {
 public:
  time_point now() noexcept override {
    return time_point{duration{static_cast<std::int64_t>(table().monotonic())}};
  }

  void wait(time_point deadline) noexcept override {
    const auto at = deadline.time_since_epoch().count();
    table().wait(deadline == never ? abi::never : static_cast<std::uint64_t>(std::max<std::int64_t>(at, 0)));
  }

  bool shutdown_requested() noexcept override { return table().shutdown_requested(); }

  void note(std::string_view line) noexcept override { table().note(line.data(), line.size()); }

 private:
  static const abi::platform& table() noexcept { return abi::current_platform(); }
};

}  // namespace

driver& platform_driver() noexcept {
  static constinit platform the_platform;
  return the_platform;
}

stack_pool& stacks_of_this_thread() { return this_home().stacks; }

scheduler& scheduler::current() {
  if (current_scheduler == nullptr) [[unlikely]] {
    thread_home& mine = this_home();
    const bool is_main = in_main_thread();
    if (!mine.own) mine.own.emplace(platform_driver(), mine.stacks, is_main ? "main" : "thread", is_main);
    current_scheduler = &*mine.own;
  }
  return *current_scheduler;
}

scheduler* scheduler::existing() noexcept { return current_scheduler; }

scheduler* scheduler::exchange_current(scheduler* s) noexcept { return std::exchange(current_scheduler, s); }

}  // namespace aster::task
