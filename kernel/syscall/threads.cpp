#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include "kernel/panic.hpp"
#include "kernel/syscall/serve.hpp"
#include "kernel/target.hpp"
#include "kernel/thread/thread.hpp"

namespace aster::kernel {

std::uint64_t deadline_of(const timespec& t, bool relative, std::uint64_t clock) noexcept;  // time.cpp
bool valid_timeout(const timespec& t) noexcept;

namespace {

constexpr std::uint64_t arch_set_fs = 0x1002, arch_get_fs = 0x1003;  // asm/prctl.h

long clone_thread(const call& call) noexcept {
  constexpr std::uint64_t needed = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
  const std::uint64_t flags = call.a;
  if ((flags & needed) != needed) return -ENOSYS;  // a process: there is only one
  registers first = call.at;
  first.rax = 0;
  first.rsp = call.b;
  const std::uint64_t pointer = flags & CLONE_SETTLS ? call.e : threads().current().thread_pointer;
  thread* const fresh = threads().spawn(first, pointer);
  if (!fresh) return -EAGAIN;
  if (flags & CLONE_PARENT_SETTID) *reinterpret_cast<int*>(call.c) = fresh->id;
  if (flags & CLONE_CHILD_SETTID) *reinterpret_cast<int*>(call.d) = fresh->id;
  if (flags & CLONE_CHILD_CLEARTID) fresh->clear_on_exit = reinterpret_cast<std::uint32_t*>(call.d);
  return fresh->id;
}

long futex(const call& call) noexcept {
  auto* const word = reinterpret_cast<std::uint32_t*>(call.a);
  if (call.a % 4 != 0) return -EINVAL;
  const int operation = static_cast<int>(call.b) & FUTEX_CMD_MASK;
  const auto value = static_cast<std::uint32_t>(call.c);
  switch (operation) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET: {
      std::uint64_t deadline = abi::never;
      if (const auto* const timeout = reinterpret_cast<const timespec*>(call.d)) {
        if (!valid_timeout(*timeout)) return -EINVAL;
        const bool wall = (call.b & FUTEX_CLOCK_REALTIME) != 0;
        deadline = deadline_of(*timeout, operation == FUTEX_WAIT, wall ? CLOCK_REALTIME : CLOCK_MONOTONIC);
      }
      const auto mask = operation == FUTEX_WAIT ? ~0u : static_cast<std::uint32_t>(call.f);
      if (mask == 0) return -EINVAL;
      return word ? threads().futex_wait(word, value, mask, deadline) : -EFAULT;
    }
    case FUTEX_WAKE: return threads().futex_wake(word, value, ~0u);
    case FUTEX_WAKE_BITSET:
      return call.f == 0 ? -EINVAL : threads().futex_wake(word, value, static_cast<std::uint32_t>(call.f));
    case FUTEX_CMP_REQUEUE:
    case FUTEX_REQUEUE:
      if (static_cast<int>(call.c) < 0 || static_cast<int>(call.d) < 0 || call.e % 4 != 0) return -EINVAL;
      if (operation == FUTEX_CMP_REQUEUE) {
        if (!word) return -EFAULT;
        if (*word != static_cast<std::uint32_t>(call.f)) return -EAGAIN;
      }
      return threads().futex_requeue(word, value, static_cast<std::uint32_t>(call.d),
                                     reinterpret_cast<std::uint32_t*>(call.e));
    default: return -ENOSYS;
  }
}

// No signal is ever delivered; but who asks what is set gets a whole answer.

long signal_action(const call& call) noexcept {
  struct kernel_action {  // of the system call, not libc's
    std::uint64_t handler, flags, restorer, mask;
  };
  if (call.a == 0 || call.a >= _NSIG || call.d != sizeof(std::uint64_t)) return -EINVAL;
  if (call.b && (call.a == SIGKILL || call.a == SIGSTOP)) return -EINVAL;
  if (call.c) *reinterpret_cast<kernel_action*>(call.c) = {};
  return 0;
}

long signal_mask(const call& call) noexcept {
  if (call.d != sizeof(std::uint64_t)) return -EINVAL;
  if (call.c) *reinterpret_cast<std::uint64_t*>(call.c) = 0;
  return 0;
}

long signal_stack(const call& call) noexcept {
  if (call.b) *reinterpret_cast<stack_t*>(call.b) = {.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
  return 0;
}

/// raise(), abort() and pthread_kill(): the only receiver there is stands here.
long send_signal(const call& call, std::uint64_t signal) noexcept {
  switch (signal) {
    case 0:
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
    case SIGCONT: return 0;
    case SIGABRT: panic("aborted", call.at);
    default: panic("signal raised by the program itself", call.at, 128 + static_cast<int>(signal & 63));
  }
}

}  // namespace

long serve_threads(const call& call) noexcept {
  switch (call.number) {
    case SYS_futex: return futex(call);
    case SYS_clone: return clone_thread(call);
    case SYS_exit: threads().end_current(static_cast<int>(call.a));
    case SYS_exit_group: leave(static_cast<int>(call.a & 0xff));
    case SYS_sched_yield:
      threads().yield();
      return 0;
    case SYS_gettid: return threads().current().id;
    case SYS_set_tid_address:
      threads().current().clear_on_exit = reinterpret_cast<std::uint32_t*>(call.a);
      return threads().current().id;
    case SYS_arch_prctl:
      if (call.a == arch_set_fs) {
        threads().current().thread_pointer = call.b;
        target.set_thread_pointer(call.b);
        return 0;
      }
      if (call.a == arch_get_fs) {
        *reinterpret_cast<std::uint64_t*>(call.b) = threads().current().thread_pointer;
        return 0;
      }
      return -EINVAL;
    case SYS_tgkill: return send_signal(call, call.c);
    case SYS_tkill:
    case SYS_kill: return send_signal(call, call.b);
    case SYS_set_robust_list: return 0;
    case SYS_rt_sigaction: return signal_action(call);
    case SYS_rt_sigprocmask: return signal_mask(call);
    case SYS_sigaltstack: return signal_stack(call);
    case SYS_sched_getaffinity:
      if (call.b < 8) return -EINVAL;
      *reinterpret_cast<std::uint64_t*>(call.c) = 1;
      return 8;
    case SYS_sched_setaffinity:
    case SYS_sched_getscheduler: return 0;
    case SYS_sched_getparam:
      *reinterpret_cast<sched_param*>(call.b) = {};
      return 0;
    case SYS_getpriority: return 20;  // 20 minus the nice value, so that no answer looks like an error
    default: return unserved;
  }
}

}  // namespace aster::kernel
