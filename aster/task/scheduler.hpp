// Who runs next. Private to this room.
//
// One per thread, made when the thread first parks, spawns or opens a scope. A fiber that parks switches
// straight to the next ready one; only when there is none, and every 64 switches, the scheduler's own fiber
// gets a turn and sweeps: it calls the hooks, lets the driver look at devices (and wait, if nothing is
// ready), and wakes whose deadline has come.
#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "aster/task/driver.hpp"
#include "aster/task/event.hpp"
#include "aster/task/fiber.hpp"
#include "aster/task/introspection.hpp"
#include "aster/task/message.hpp"
#include "aster/task/simulation.hpp"
#include "aster/task/stack_pool.hpp"
#include "aster/task/timer_heap.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::task {

class scheduler {
 public:
  static constexpr unsigned switches_per_sweep = 64;

  /// The caller becomes the root fiber. With `cancels_root_on_shutdown`, a shutdown of the driver cancels it.
  scheduler(driver& d, stack_pool& stacks, std::string_view root_name, bool cancels_root_on_shutdown);
  /// No fiber but the root may be alive.
  ~scheduler();
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;

  /// The thread's, made if there is none.
  static scheduler& current();
  /// The thread's or null.
  static scheduler* existing() noexcept;
  /// Replaces the thread's; returns what was there.
  static scheduler* exchange_current(scheduler* s) noexcept;

  [[nodiscard]] fiber& running() noexcept { return *running_; }
  [[nodiscard]] driver& world() noexcept { return driver_; }
  [[nodiscard]] std::size_t alive() const noexcept { return alive_; }
  [[nodiscard]] stack_pool& stacks() noexcept { return stacks_; }

  /// Parks the running fiber, in `queue` if one is given, until `wake` or `deadline`. Does not look at
  /// requests before; afterwards the reason may be `interrupted`.
  wake_reason park(wait_queue* queue, void* offer, time_point deadline, const char* what) noexcept;
  void wake(fiber& f, wake_reason reason) noexcept;
  void yield() noexcept;
  /// `park` that throws what was asked for, before and after.
  wake_reason park_or_throw(wait_queue* queue, void* offer, time_point deadline, const char* what);
  void checkpoint() {
    if (running_->interruptible) [[unlikely]]
      running_->throw_if_asked(exceptions_in_flight());
  }
  [[nodiscard]] unsigned exceptions_in_flight() const noexcept { return thread_.exceptions->in_flight; }

  /// Exceptions in flight in `f`, wherever it is.
  [[nodiscard]] unsigned exceptions_in_flight(const fiber& f) const noexcept {
    return &f == running_ ? exceptions_in_flight() : f.saved.exceptions.in_flight;
  }

  /// Takes in a new fiber, ready.
  void add(fiber& f) noexcept;
  /// The last act of the running fiber: gives its stack back and switches away for ever.
  [[noreturn]] void end_running() noexcept;

  /// The next time that `f` does not run, its stack is shed.
  void shed_soon(fiber& f) noexcept;

  void arm(timer& t) noexcept { timers_.insert(t); }
  void disarm(timer& t) noexcept { timers_.remove(t); }

  void wait_for_event(time_point deadline);
  void raise_event() noexcept { event_raised_ = true; }
  void add_hook(before_wait& hook) noexcept;
  void remove_hook(before_wait& hook) noexcept;

  void set_hog_limit(duration limit) noexcept;
  [[nodiscard]] duration hog_limit() const noexcept { return hog_limit_; }
  void hog_tick(duration period) noexcept;

  /// The deadlock has been told to the root: it is not told again, a shutdown is.
  void deadlock_thrown() noexcept;

  void shuffle(std::uint64_t& random) noexcept { shuffle_ = &random; }

  void visit(void (*visit)(void* argument, const fiber_view& f), void* argument) const;
  /// "'a' waits for a mutex, 'b' …", at most `limit` fibers, those of the program only.
  [[nodiscard]] std::string describe_parked(std::size_t limit) const;
  /// Who is still alive besides the root. For the end of a thread.
  [[nodiscard]] message left_behind() const noexcept;

  [[nodiscard]] const char* running_name() const noexcept { return running_->name; }

  /// Ends the program by std::terminate with a note.
  [[noreturn]] void give_up(std::string_view why) noexcept;

 private:
  static void sweeper_entry(void* self) noexcept;
  static void fiber_entry(void* self) noexcept;

  void switch_away() noexcept;
  void switch_to(fiber& to) noexcept;
  void landed() noexcept;
  void make_ready(fiber& f) noexcept;
  fiber* take_ready() noexcept;
  fiber* take_shuffled() noexcept;

  void sweep() noexcept;
  void shed_some() noexcept;
  void forget_to_shed(fiber& f) noexcept;
  void fire_due(time_point now) noexcept;
  void heed_shutdown() noexcept;
  void nothing_will_happen() noexcept;
  fiber& next_or_sweeper() noexcept;
  void end_slice() noexcept;
  void report_hog(std::uint64_t ticks) noexcept;
  void make_sweeper();

  driver& driver_;
  stack_pool& stacks_;
  thread_state thread_;
  fiber root_;
  fiber* sweeper_ = nullptr;
  stack* sweeper_stack_ = nullptr;
  fiber* running_ = &root_;
  fiber* left_ = nullptr;  // whom the last switch left
  void* grave_ = nullptr;  // where the stack pointer of a fiber goes that has ended
  fiber* ready_first_ = nullptr;
  fiber* ready_last_ = nullptr;
  std::size_t ready_count_ = 0;
  unsigned since_sweep_ = 0;
  std::size_t alive_ = 1;
  fiber* youngest_ = &root_;
  std::uint64_t* shuffle_ = nullptr;
  fiber* sheds_first_ = nullptr;

  timer_heap timers_;
  wait_queue events_{"a device event"};
  before_wait* hooks_ = nullptr;
  before_wait* last_hook_ = nullptr;
  bool event_raised_ = false;
  bool progress_ = true;  // something but a device fiber ran since the last look at devices
  bool cancels_root_on_shutdown_;
  bool shutdown_seen_ = false;
  bool stuck_reported_ = false;
  std::exception_ptr deadlock_;

  // The detector of hogs.
  duration hog_limit_;
  std::uint64_t hog_ticks_ = 0;       // the limit in ticks of the time stamp counter, or fewer
  std::uint64_t slice_start_ = 0;     // ticks when the running fiber was switched to
  time_point swept_at_{};             // the last reading of the driver's clock …
  std::uint64_t swept_at_ticks_ = 0;  // … and of the time stamp counter, at the same moment
  std::uint64_t total_switches_ = 0;
  std::uint64_t ticked_switches_ = 0;  // as `hog_tick` saw it
  duration ticked_for_{};
};

}  // namespace aster::task
