#include "aster/task/scheduler.hpp"

#include <x86intrin.h>

#include <exception>
#include <memory>

#include "aster/task/message.hpp"
#include "aster/task/scope.hpp"

namespace aster::task {
namespace {

constexpr duration default_hog_limit = std::chrono::milliseconds{100};
constexpr std::uint64_t ticks_per_sweep = 1'000'000;  // some hundred microseconds, whatever the frequency
constexpr unsigned shed_batch = 64;                   // nobody waits for more of them
constexpr std::size_t sweeper_stack_size = std::size_t{64} * 1024;

}  // namespace

scheduler::scheduler(driver& d, stack_pool& stacks, std::string_view root_name, bool cancels_root_on_shutdown)
    : driver_{d},
      stacks_{stacks},
      root_{*this, root_name},
      cancels_root_on_shutdown_{cancels_root_on_shutdown} {
  root_.now = fiber::state::running;
  make_sweeper();
  swept_at_ = driver_.now();
  swept_at_ticks_ = slice_start_ = __rdtsc();
  set_hog_limit(driver_.time_is_virtual() ? duration::zero() : default_hog_limit);
}

scheduler::~scheduler() {
  std::destroy_at(sweeper_);
  stacks_.release(*sweeper_stack_);
}

void scheduler::make_sweeper() {
  sweeper_stack_ = &stacks_.acquire(sweeper_stack_size);
  std::byte* const top = sweeper_stack_->top() - (sizeof(fiber) + 63) / 64 * 64;
  sweeper_ = ::new (top) fiber{*this, "scheduler"};
  sweeper_->own_stack = sweeper_stack_;
  sweeper_stack_->user = sweeper_;
  sweeper_->saved.stack_pointer = lay_first_frame(top, sweeper_entry, this);
#if ASTER_TASK_ASAN
  sweeper_->saved.stack_bottom = sweeper_stack_->low;
  sweeper_->saved.stack_size = sweeper_stack_->size;
#endif
}

// ---- the ready queue

void scheduler::make_ready(fiber& f) noexcept {
  f.now = fiber::state::ready;
  f.next = nullptr;
  (ready_last_ != nullptr ? ready_last_->next : ready_first_) = &f;
  ready_last_ = &f;
  ++ready_count_;
  progress_ = true;
}

fiber* scheduler::take_ready() noexcept {
  if (shuffle_ != nullptr && ready_count_ > 1) return take_shuffled();
  fiber* const f = ready_first_;
  if (f == nullptr) return nullptr;
  ready_first_ = f->next;
  if (ready_first_ == nullptr) ready_last_ = nullptr;
  --ready_count_;
  return f;
}

fiber* scheduler::take_shuffled() noexcept {
  *shuffle_ = *shuffle_ * 6364136223846793005u + 1442695040888963407u;
  std::size_t skip = static_cast<std::size_t>(*shuffle_ >> 33) % ready_count_;
  fiber* before = nullptr;
  fiber* f = ready_first_;
  for (; skip != 0; --skip) {
    before = f;
    f = f->next;
  }
  (before != nullptr ? before->next : ready_first_) = f->next;
  if (ready_last_ == f) ready_last_ = before;
  --ready_count_;
  return f;
}

// ---- switching

inline fiber& scheduler::next_or_sweeper() noexcept {
  if (since_sweep_ < switches_per_sweep) {
    if (fiber* const f = take_ready()) {
      ++since_sweep_;
      return *f;
    }
  }
  return *sweeper_;
}

// The running fiber's turn is over: was it too long? Also makes sure that long turns, of which 64 would take
// ages, don't keep devices and deadlines waiting.
inline void scheduler::end_slice() noexcept {
  if (hog_ticks_ == 0) return;
  const std::uint64_t ticks = __rdtsc();
  if (ticks - slice_start_ > hog_ticks_) [[unlikely]]
    report_hog(ticks);
  if (ticks - swept_at_ticks_ > ticks_per_sweep) since_sweep_ = switches_per_sweep;
  slice_start_ = ticks;
}

void scheduler::switch_away() noexcept {
  end_slice();
  fiber& to = next_or_sweeper();
  if (&to == running_) {  // shuffled: it yielded, and was chosen again
    to.now = fiber::state::running;
    return;
  }
  switch_to(to);
}

void scheduler::switch_to(fiber& to) noexcept {
  fiber& from = *running_;
  void* const here = __builtin_frame_address(0);
  if (from.lowest_parked == nullptr || here < from.lowest_parked) from.lowest_parked = here;
  from.saved.exceptions = *thread_.exceptions;
  from.saved.error = *thread_.error;
  *thread_.exceptions = to.saved.exceptions;
  *thread_.error = to.saved.error;
  running_ = &to;
  to.now = fiber::state::running;
  ++to.switches;
  ++total_switches_;
#if ASTER_TASK_ASAN
  left_ = &from;
  __sanitizer_start_switch_fiber(&from.saved.fake_stack, to.saved.stack_bottom, to.saved.stack_size);
#endif
  aster_task_switch(&from.saved.stack_pointer, to.saved.stack_pointer);
  landed();
}

// The first thing on a stack that was switched to.
inline void scheduler::landed() noexcept {
#if ASTER_TASK_ASAN
  const void* bottom = nullptr;
  std::size_t size = 0;
  __sanitizer_finish_switch_fiber(running_->saved.fake_stack, &bottom, &size);
  if (left_ != nullptr) {  // tells the bounds of the root's stack, which nobody else knows
    left_->saved.stack_bottom = bottom;
    left_->saved.stack_size = size;
  }
#endif
}

void scheduler::end_running() noexcept {
  end_slice();
  fiber& self = *running_;
  (self.before != nullptr ? self.before->after : root_.after) = self.after;
  (self.after != nullptr ? self.after->before : youngest_) = self.before;
  --alive_;
  if (self.sheds) forget_to_shed(self);
  stack& mine = *self.own_stack;
  std::destroy_at(&self);
  stacks_.release(mine);  // used again by the next spawn at the earliest, when this is long left

  fiber& to = next_or_sweeper();
  *thread_.exceptions = to.saved.exceptions;
  *thread_.error = to.saved.error;
  running_ = &to;
  to.now = fiber::state::running;
  ++to.switches;
  ++total_switches_;
#if ASTER_TASK_ASAN
  left_ = nullptr;
  __asan_unpoison_memory_region(mine.low, mine.size);
  __sanitizer_start_switch_fiber(nullptr, to.saved.stack_bottom, to.saved.stack_size);
#endif
  aster_task_switch(&grave_, to.saved.stack_pointer);
  __builtin_unreachable();
}

void scheduler::fiber_entry(void* self) noexcept {
  fiber& f = *static_cast<fiber*>(self);
  f.home.landed();
  f.parent->run(f);
  f.home.end_running();
}

void scheduler::add(fiber& f) noexcept {
  f.saved.stack_pointer = lay_first_frame(static_cast<std::byte*>(f.body), fiber_entry, &f);
#if ASTER_TASK_ASAN
  f.saved.stack_bottom = f.own_stack->low;
  f.saved.stack_size = f.own_stack->size;
#endif
  f.before = youngest_;
  youngest_->after = &f;
  youngest_ = &f;
  ++alive_;
  make_ready(f);
}

// ---- parking and waking

wake_reason scheduler::park(wait_queue* queue, void* offer, time_point deadline, const char* what) noexcept {
  fiber& self = *running_;
  self.now = fiber::state::parked;
  self.waits_for = what;
  if (queue != nullptr) {
    self.queue = queue;
    self.offer = offer;
    queue->push(self);
  }
  if (deadline != never) {
    self.alarm.deadline = deadline;
    timers_.insert(self.alarm);
  }
  switch_away();
  return self.reason;
}

wake_reason scheduler::park_or_throw(wait_queue* queue, void* offer, time_point deadline, const char* what) {
  checkpoint();
  const wake_reason reason = park(queue, offer, deadline, what);
  if (reason == wake_reason::interrupted) [[unlikely]] {
    running_->throw_if_asked(exceptions_in_flight());
    throw cancelled{};  // the region that asked is gone already: its scope ended in another fiber
  }
  return reason;
}

void scheduler::wake(fiber& f, wake_reason reason) noexcept {
  if (f.queue != nullptr) {
    f.queue->remove(f);
    f.queue = nullptr;
  }
  if (f.alarm.armed()) timers_.remove(f.alarm);
  f.reason = reason;
  make_ready(f);
}

void scheduler::yield() noexcept {
  if (ready_first_ == nullptr && since_sweep_ < switches_per_sweep) {
    ++since_sweep_;
    end_slice();
    return;
  }
  make_ready(*running_);
  switch_away();
}

// ---- sweeping

void scheduler::sweeper_entry(void* self) noexcept {
  scheduler& s = *static_cast<scheduler*>(self);
  s.landed();
  for (;;) {
    s.sweep();
    if (fiber* const f = s.take_ready()) {
      s.slice_start_ = s.hog_ticks_ != 0 ? __rdtsc() : 0;
      s.switch_to(*f);
    }
  }
}

void scheduler::sweep() noexcept {
  for (before_wait* hook = hooks_; hook != nullptr;) {
    before_wait* const next = hook->next_;
    hook->call_(hook->argument_);
    hook = next;
  }
  heed_shutdown();
  shed_some();

  const bool time_is_virtual = driver_.time_is_virtual();
  const bool only_look = ready_first_ != nullptr || event_raised_ || (time_is_virtual && progress_);
  event_raised_ = progress_ = false;
  time_point deadline = time_point::min();
  if (!only_look) {
    deadline = timers_.next_deadline();
    if (deadline == never && (time_is_virtual || events_.empty())) {
      nothing_will_happen();
      if (ready_first_ != nullptr) return;
    }
    if (!time_is_virtual) deadline = std::min(deadline, stacks_.next_trim());
  }
  driver_.wait(deadline);

  const time_point now = driver_.now();
  since_sweep_ = 0;
  swept_at_ = now;
  swept_at_ticks_ = __rdtsc();
  while (timer* const due = timers_.take_due(now)) due->fire(*due);
  const bool progress = progress_;
  events_.notify_all();
  progress_ = progress;  // that device fibers look again is none
  heed_shutdown();
  if (!time_is_virtual) stacks_.trim(now);
}

void scheduler::shed_soon(fiber& f) noexcept {
  if (f.sheds || f.own_stack == nullptr) return;
  f.sheds = true;
  f.sheds_before = nullptr;
  f.sheds_after = sheds_first_;
  if (sheds_first_ != nullptr) sheds_first_->sheds_before = &f;
  sheds_first_ = &f;
}

void scheduler::forget_to_shed(fiber& f) noexcept {
  f.sheds = false;
  (f.sheds_before != nullptr ? f.sheds_before->sheds_after : sheds_first_) = f.sheds_after;
  if (f.sheds_after != nullptr) f.sheds_after->sheds_before = f.sheds_before;
}

// Here no fiber runs, so each stack ends where its fiber has parked.
void scheduler::shed_some() noexcept {
  for (unsigned n = 0; n < shed_batch && sheds_first_ != nullptr; ++n) {
    fiber& f = *sheds_first_;
    forget_to_shed(f);
    stack_pool::shed(*f.own_stack, f.saved.stack_pointer);
  }
}

void scheduler::heed_shutdown() noexcept {
  if (!cancels_root_on_shutdown_ || shutdown_seen_ || !driver_.shutdown_requested()) return;
  shutdown_seen_ = true;
  root_.whole.request();
}

// No fiber can run, no deadline is set, and no device is waited for.
void scheduler::nothing_will_happen() noexcept {
  if (driver_.time_is_virtual()) {
    const std::string text = "deadlock: " + describe_parked(16);
    deadlock_ = std::make_exception_ptr(deadlock{text});
    root_.whole.request(&deadlock_);
    if (ready_first_ == nullptr) give_up(text);  // the root must not be interrupted
    return;
  }
  // A thread's fibers, and a program that is stopping already, wait for nothing that could come.
  const bool may_be_stopped = cancels_root_on_shutdown_ && !shutdown_seen_;
  if (may_be_stopped && stuck_reported_) return;
  stuck_reported_ = true;
  const std::string text =
      (may_be_stopped ? "nothing left to do but to be stopped: " : "deadlock: ") + describe_parked(8);
  if (!may_be_stopped) give_up(text);
  driver_.note(text);
}

void scheduler::deadlock_thrown() noexcept {
  root_.whole.withdraw();
  if (shutdown_seen_) root_.whole.request();
}

void scheduler::wait_for_event(time_point deadline) {
  park_or_throw(&events_, nullptr, deadline, "a device event");
}

void scheduler::add_hook(before_wait& hook) noexcept {
  hook.previous_ = last_hook_;
  (last_hook_ != nullptr ? last_hook_->next_ : hooks_) = &hook;
  last_hook_ = &hook;
}

void scheduler::remove_hook(before_wait& hook) noexcept {
  (hook.previous_ != nullptr ? hook.previous_->next_ : hooks_) = hook.next_;
  (hook.next_ != nullptr ? hook.next_->previous_ : last_hook_) = hook.previous_;
}

void scheduler::give_up(std::string_view why) noexcept {
  platform_driver().note(why);  // a simulation's notes end with it
  std::terminate();
}

}  // namespace aster::task
