// Signals under the sandbox tender. SIGSYS is a system call of libc that the filter turned away: it is served
// here, on the caller's stack, and its answer put where the call would have left it. Faults are panics.
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "kernel/memory/address_space.hpp"
#include "kernel/platform.hpp"
#include "kernel/process/signals.hpp"
#include "kernel/sandbox/sandbox.hpp"
#include "kernel/syscall/serve.hpp"
#include "kernel/thread/thread.hpp"

namespace aster::kernel {

extern "C" void aster_sandbox_trap(int, siginfo_t*, void* context) noexcept {
  auto& gregs = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const registers at = registers_of(*static_cast<const ucontext_t*>(context));
  gregs[REG_RAX] = serve({at.rax, at.rdi, at.rsi, at.rdx, at.r10, at.r8, at.r9, at});
}

extern "C" void aster_sandbox_signal(int signal, siginfo_t* info, void* context) noexcept {
  if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) {
    sandbox_stop_requested = 1;
    return;
  }
  if (signal == SIGVTALRM) {
    if (fibers.tick) fibers.tick(tick_period);
    return;
  }
  const range* const there = memory().find(reinterpret_cast<std::uint64_t>(info->si_addr));
  panic_on_signal(signal, *info, *static_cast<const ucontext_t*>(context), there && there->protection != PROT_NONE);
}

}  // namespace aster::kernel
