// The control block of a fiber. Private to this room: programs see scopes, names and `fibers()`.
//
// It lies at the top of the fiber's own stack, so that a fiber that sleeps has touched one page in all, and
// nothing is allocated when one is born. The root's lies in its scheduler.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aster/task/cancellation.hpp"
#include "aster/task/context.hpp"
#include "aster/task/timer_heap.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::task {

struct stack;
class scope;
class scheduler;

/// Why a parked fiber goes on.
enum class wake_reason : std::uint8_t { notified, deadline, interrupted };

struct fiber {
  enum class state : std::uint8_t { running, ready, parked };
  struct alarm_clock : timer {
    fiber* owner = nullptr;
  };

  fiber(scheduler& of, std::string_view called) noexcept;
  ~fiber();
  fiber(const fiber&) = delete;
  fiber& operator=(const fiber&) = delete;

  // What a switch touches comes first.
  context saved;
  fiber* next = nullptr;  // in the ready queue, or in the wait queue
  fiber* previous = nullptr;
  std::uint64_t switches = 0;
  void* lowest_parked = nullptr;  // the lowest stack pointer it parked with
  state now = state::ready;
  wake_reason reason = wake_reason::notified;
  bool interruptible = false;  // some region was asked to unwind: blocking calls have to look

  wait_queue* queue = nullptr;  // where it is parked
  void* offer = nullptr;
  const char* waits_for = nullptr;
  alarm_clock alarm;  // the deadline of what it is parked in

  scheduler& home;
  cancel_region* innermost = nullptr;
  cancel_region whole;  // the outermost region

  scope* parent = nullptr;
  fiber* older = nullptr;  // siblings
  fiber* younger = nullptr;
  fiber* before = nullptr;  // all fibers of the scheduler
  fiber* after = nullptr;

  stack* own_stack = nullptr;  // null: the thread's
  bool sheds = false;          // in the scheduler's list of those whose stacks are to be shed
  fiber* sheds_before = nullptr;
  fiber* sheds_after = nullptr;
  void (*run)(void*) = nullptr;
  void* body = nullptr;
  time_point last_reported = time_point::min();  // as a hog
  char name[48];

  /// Throws what the outermost visible request asks for, if it may be thrown with `in_flight` exceptions
  /// unwinding.
  void throw_if_asked(unsigned in_flight);

  /// The outermost region inside the nearest shield whose request may interrupt now; null if none.
  [[nodiscard]] cancel_region* asked(unsigned in_flight) const noexcept;

  /// Recomputes `interruptible`.
  void look_again() noexcept;
};

/// Copies as much of `text` as fits with its NUL.
void copy_name(char* to, std::size_t capacity, std::string_view text) noexcept;

}  // namespace aster::task
