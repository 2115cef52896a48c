// Threads of third-party code: what clone makes and futex parks. One virtual CPU runs them in turn; a thread
// keeps it until it blocks, so there are no data races and the order is the same every time.
//
// (Fibers of aster/task are lighter and live inside one of these threads.)
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernel/registers.hpp"

namespace aster::kernel {

/// All zero at first, so that the first thread's, which is static, takes no room in the image's file.
struct thread {
  enum class state : std::uint8_t { running, ready, blocked, ended };

  thread* next = nullptr;       // in the list of all threads
  thread* next_ready = nullptr; // in the ready queue
  std::uint64_t stack_pointer = 0;
  std::uint64_t thread_pointer = 0;
  std::uint64_t futex = 0;            // address it waits on, 0 when it does not
  std::uint32_t futex_mask = 0;
  std::uint64_t deadline = 0;         // of one that is blocked: monotonic; ~0 none
  std::uint64_t blocked_at = 0;       // order among waiters: a serial number
  std::uint32_t* clear_on_exit = nullptr;  // CLONE_CHILD_CLEARTID
  int id = 0;
  state now = state::running;
  bool wants_events = false;   // platform wait: a device event wakes it
  bool wants_console = false;
  bool woken = false;          // by a wake, not by its deadline
  bool fresh = false;          // has not run yet: starts from `first`
  registers first{};
  alignas(64) std::uint8_t vectors[2816];  // extended state of a parked thread, where the target needs it
};

enum class wake_reason : std::uint8_t { woken, deadline };

class scheduler {
 public:
  /// Makes the context that runs now the first thread.
  void start() noexcept;

  thread& current() noexcept { return *current_; }

  /// Parks the running thread until something of what it asked for comes; others run, or the CPU idles.
  wake_reason block(std::uint64_t deadline, bool events = false, bool console = false) noexcept;

  /// Lets the other ready threads run once.
  void yield() noexcept;

  /// A new thread that begins with `first`. Null when there is no memory or there are too many.
  thread* spawn(const registers& first, std::uint64_t thread_pointer) noexcept;

  /// Ends the running thread. Never returns. The last one ends the image with `code`.
  [[noreturn]] void end_current(int code) noexcept;

  long futex_wait(std::uint32_t* address, std::uint32_t expected, std::uint32_t mask, std::uint64_t deadline) noexcept;
  long futex_wake(const std::uint32_t* address, std::uint32_t count, std::uint32_t mask) noexcept;
  long futex_requeue(const std::uint32_t* from, std::uint32_t wake, std::uint32_t move, std::uint32_t* to) noexcept;

  std::size_t count() const noexcept { return count_; }
  bool shutdown_wanted = false;

 private:
  void make_ready(thread& t) noexcept;
  thread* take_ready() noexcept;
  void wake_expired(std::uint64_t now) noexcept;
  /// Wakes who waits for a device or the console; whether any waits for a device, and so hears of a request to stop.
  bool wake_watchers() noexcept;
  /// Looks at devices and clock between two threads, without sleeping.
  void look() noexcept;
  void switch_to(thread& next) noexcept;
  thread* wait_for_ready() noexcept;
  thread* longest_waiting(const std::uint32_t* address, std::uint32_t mask) noexcept;

  thread main_{};
  thread* current_ = nullptr;
  thread* all_ = nullptr;
  thread* ready_head_ = nullptr;
  thread* ready_tail_ = nullptr;
  thread* spare_ = nullptr;  // ended threads, to be used again
  std::size_t count_ = 0;
  int last_id_ = 0;
  std::uint64_t serial_ = 0;
  unsigned switches_without_look_ = 0;
  bool deadlock_told_ = false;
};

scheduler& threads() noexcept;

}  // namespace aster::kernel
