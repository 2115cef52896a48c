#include "kernel/thread/thread.hpp"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kernel/memory/address_space.hpp"
#include "kernel/panic.hpp"
#include "kernel/target.hpp"

// switch.S: parks the running context on its stack, stores where, and resumes another.
extern "C" void aster_switch_threads(std::uint64_t* parked, std::uint64_t resumed) noexcept;
// switch.S: becomes the context described.
extern "C" [[noreturn]] void aster_enter_thread(const aster::kernel::registers* first) noexcept;

namespace aster::kernel {
namespace {

constexpr std::size_t limit = 4096;
constexpr unsigned switches_per_look = 64;
constexpr std::uint64_t none = ~0ull;

}  // namespace

scheduler& threads() noexcept {
  static constinit scheduler one;
  return one;
}

void scheduler::start() noexcept {
  main_.id = last_id_ = 1;
  current_ = all_ = &main_;
  count_ = 1;
}

void scheduler::make_ready(thread& t) noexcept {
  t.now = thread::state::ready;
  t.next_ready = nullptr;
  if (ready_tail_) ready_tail_->next_ready = &t;
  else ready_head_ = &t;
  ready_tail_ = &t;
}

thread* scheduler::take_ready() noexcept {
  thread* const t = ready_head_;
  if (!t) return nullptr;
  ready_head_ = t->next_ready;
  if (!ready_head_) ready_tail_ = nullptr;
  return t;
}

void scheduler::wake_expired(std::uint64_t now) noexcept {
  for (;;) {
    thread* first = nullptr;  // whose time came first
    for (thread* t = all_; t; t = t->next) {
      if (t->now == thread::state::blocked && t->deadline <= now && (!first || t->deadline < first->deadline)) first = t;
    }
    if (!first) return;
    first->futex = 0;
    make_ready(*first);
  }
}

bool scheduler::wake_watchers() noexcept {
  bool any = false;
  for (thread* t = all_; t; t = t->next) {
    if (t->now == thread::state::blocked && (t->wants_events || t->wants_console)) {
      any |= t->wants_events;
      t->woken = true;
      make_ready(*t);
    }
  }
  return any;
}

void scheduler::look() noexcept {
  // A system call may have led here, and its caller keeps values in vector registers: drivers use them too.
  if (target.save_vectors) target.save_vectors(current_->vectors);
  target.idle(0, false);
  if (target.load_vectors) target.load_vectors(current_->vectors);
  if (wake_watchers()) shutdown_wanted = false;  // they are told by the platform
  wake_expired(target.monotonic());
}

thread* scheduler::wait_for_ready() noexcept {
  for (;;) {
    if (++switches_without_look_ >= switches_per_look && ready_head_) {
      // Threads that keep waking each other must not starve those that wait for time or a device.
      switches_without_look_ = 0;
      look();
    }
    if (thread* const t = take_ready()) return t;
    switches_without_look_ = 0;
    std::uint64_t deadline = none;
    bool watched = false, console = false;
    for (const thread* t = all_; t; t = t->next) {
      if (t->now != thread::state::blocked) continue;
      if (t->deadline < deadline) deadline = t->deadline;
      watched |= t->wants_events;
      console |= t->wants_console;
    }
    if (deadline == none && !watched && !console && !deadlock_told_) {
      deadlock_told_ = true;
      note("every thread waits for another: a deadlock; only a request to stop can end this");
    }
    target.idle(deadline, console);
    if (shutdown_wanted) {
      shutdown_wanted = false;
      if (!watched) {
        // Nobody who waits can be told: leave as exit() would, from the main thread's point of view.
        current_->now = thread::state::running;
        ::exit(abi::exit_shutdown);
      }
    }
    wake_watchers();
    if (deadline != none) wake_expired(target.monotonic());
  }
}

void scheduler::switch_to(thread& next) noexcept {
  thread* const previous = current_;
  next.now = thread::state::running;
  if (&next == previous) return;
  current_ = &next;
  if (target.save_vectors) target.save_vectors(previous->vectors);
  // Not every target sees the call that set it; the ABI keeps the pointer's own value where it points.
  asm volatile("movq %%fs:0, %0" : "=r"(previous->thread_pointer));
  target.set_thread_pointer(next.thread_pointer);
  if (next.fresh) {
    next.fresh = false;
    // The new context starts on its own stack; what it needs lives in `next`, which outlasts the start.
    aster_switch_threads(&previous->stack_pointer, reinterpret_cast<std::uint64_t>(&next.first) | 1);
  } else {
    aster_switch_threads(&previous->stack_pointer, next.stack_pointer);
  }
  if (target.load_vectors) target.load_vectors(current_->vectors);
}

wake_reason scheduler::block(std::uint64_t deadline, bool events, bool console) noexcept {
  thread& self = *current_;
  self.deadline = deadline;
  self.wants_events = events;
  self.wants_console = console;
  self.woken = false;
  self.blocked_at = ++serial_;
  self.now = thread::state::blocked;
  if (events && deadline != none && deadline <= target.monotonic()) {
    // A look at the devices: others who are ready go first, nobody sleeps.
    target.idle(0, false);
    shutdown_wanted = false;  // the caller is told by the platform
    wake_watchers();
    if (self.now == thread::state::blocked) make_ready(self);
  }
  switch_to(*wait_for_ready());
  self.deadline = none;
  self.wants_events = self.wants_console = false;
  return self.woken ? wake_reason::woken : wake_reason::deadline;
}

void scheduler::yield() noexcept {
  make_ready(*current_);
  wake_expired(target.monotonic());
  switch_to(*wait_for_ready());
}

thread* scheduler::spawn(const registers& first, std::uint64_t thread_pointer) noexcept {
  if (count_ == limit) return nullptr;
  thread* t = spare_;
  if (t) {
    spare_ = t->next;
  } else {
    constexpr std::uint64_t size = (sizeof(thread) + page_size - 1) & ~(page_size - 1);
    const long address = memory().map(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    if (address < 0) return nullptr;
    t = reinterpret_cast<thread*>(address);
  }
  *t = thread{};
  if (target.save_vectors) target.save_vectors(t->vectors);  // a clean, valid state
  t->id = ++last_id_;
  t->first = first;
  t->fresh = true;
  t->thread_pointer = thread_pointer;
  t->next = all_;
  all_ = t;
  ++count_;
  make_ready(*t);
  return t;
}

void scheduler::end_current(int code) noexcept {
  thread& self = *current_;
  if (--count_ == 0) leave(code);
  self.now = thread::state::ended;
  for (thread** link = &all_; *link; link = &(*link)->next) {
    if (*link != &self) continue;
    *link = self.next;
    break;
  }
  if (self.clear_on_exit) {
    *self.clear_on_exit = 0;
    futex_wake(self.clear_on_exit, 1, ~0u);
  }
  thread* const next = wait_for_ready();
  if (&self != &main_) {
    // Its stack belongs to libc; nothing of it is touched after the switch below has left it.
    self.next = spare_;
    spare_ = &self;
  }
  switch_to(*next);
  __builtin_unreachable();
}

long scheduler::futex_wait(std::uint32_t* address, std::uint32_t expected, std::uint32_t mask,
                           std::uint64_t deadline) noexcept {
  if (*address != expected) return -EAGAIN;
  current_->futex = reinterpret_cast<std::uint64_t>(address);
  current_->futex_mask = mask;
  const wake_reason why = block(deadline);
  current_->futex = 0;
  return why == wake_reason::woken ? 0 : -ETIMEDOUT;
}

thread* scheduler::longest_waiting(const std::uint32_t* address, std::uint32_t mask) noexcept {
  thread* first = nullptr;
  for (thread* t = all_; t; t = t->next) {
    if (t->now == thread::state::blocked && t->futex == reinterpret_cast<std::uint64_t>(address) &&
        (t->futex_mask & mask) != 0 && (!first || t->blocked_at < first->blocked_at))
      first = t;
  }
  return first;
}

long scheduler::futex_wake(const std::uint32_t* address, std::uint32_t count, std::uint32_t mask) noexcept {
  long woken = 0;
  while (static_cast<std::uint32_t>(woken) < count) {
    thread* const first = longest_waiting(address, mask);
    if (!first) break;
    first->futex = 0;
    first->woken = true;
    make_ready(*first);
    ++woken;
  }
  return woken;
}

long scheduler::futex_requeue(const std::uint32_t* from, std::uint32_t wake, std::uint32_t move,
                              std::uint32_t* to) noexcept {
  const long woken = futex_wake(from, wake, ~0u);
  const std::uint64_t last = serial_;  // each is moved once, also to where it was
  long moved = 0;
  while (static_cast<std::uint32_t>(moved) < move) {
    thread* const first = longest_waiting(from, ~0u);
    if (!first || first->blocked_at > last) break;
    first->futex = reinterpret_cast<std::uint64_t>(to);
    first->blocked_at = ++serial_;  // behind those who wait there already
    ++moved;
  }
  return woken + moved;
}

}  // namespace aster::kernel
