// Faults of an image that runs as a plain Linux process end in the same report as everywhere else.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "kernel/boot_options.hpp"
#include "kernel/fault.hpp"
#include "kernel/linux_call.hpp"
#include "kernel/panic.hpp"
#include "kernel/platform.hpp"
#include "kernel/process/signals.hpp"
#include "kernel/target.hpp"

extern "C" const char __ehdr_start[];  // NOLINT: the linker's names
extern "C" const char _end[];

namespace aster::kernel {
void panic_on_signal(int signal, const siginfo_t& info, const ucontext_t& context, bool mapped) noexcept {
  const registers at = registers_of(context);
  text_line what;
  switch (signal) {
    case SIGSEGV:
    case SIGBUS: {
      // Page-fault error code (Intel SDM 3A §4.7): bit 1 write, bit 4 instruction fetch.
      const auto code = static_cast<std::uint64_t>(context.uc_mcontext.gregs[REG_ERR]);
      const auto trap = context.uc_mcontext.gregs[REG_TRAPNO];
      const auto address = reinterpret_cast<std::uint64_t>(info.si_addr);
      if (trap != 14) {
        what.add("general protection fault");  // a non-canonical address, or a privileged instruction
        break;
      }
      const access kind = code & 16 ? access::execute : code & 2 ? access::write : access::read;
      describe_fault(what, address, at.rsp, kind, mapped);
      break;
    }
    case SIGILL: what.add("invalid instruction"); break;
    case SIGFPE: what.add(info.si_code == FPE_INTDIV ? "division by zero" : "arithmetic exception"); break;
    case SIGTRAP: what.add("breakpoint"); break;
    case SIGABRT: what.add("aborted"); break;
    default: what.add("signal ").decimal(static_cast<std::uint64_t>(signal)); break;
  }
  panic({what.data(), what.size()}, at);
}

namespace {

#if !__has_feature(address_sanitizer)
void on_fault(int signal, siginfo_t* info, void* context) {
  // SEGV_ACCERR: something lies there and its protection forbids this.
  panic_on_signal(signal, *info, *static_cast<ucontext_t*>(context), info->si_code == SEGV_ACCERR);
}
#endif

[[noreturn]] void exit_group(int code) noexcept {
  for (;;) linux_call(SYS_exit_group, code);
}

unsigned thread_number() noexcept {
  // Linux counts all threads of the machine; here the first is 1, as on the other targets.
  return static_cast<unsigned>(gettid() - getpid() + 1);
}

void start_tick(std::uint64_t nanoseconds) noexcept {
  struct sigaction action{};
  action.sa_handler = [](int) { fibers.tick(tick_period); };
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigaction(SIGVTALRM, &action, nullptr);
  const timeval period{0, static_cast<suseconds_t>(nanoseconds / 1000)};
  const itimerval timer{period, period};
  setitimer(ITIMER_VIRTUAL, &timer, nullptr);  // counts the CPU time of this process, so an idle one has none
}

void write_out(int descriptor, const char* text, std::size_t size) noexcept {
  while (size > 0) {
    const long n = linux_call(SYS_write, descriptor, reinterpret_cast<long>(text), static_cast<long>(size));
    if (n == -EINTR) continue;
    if (n <= 0) return;
    text += n;
    size -= static_cast<std::size_t>(n);
  }
}

/// Runs before the program's own constructors. A sanitizer brings handlers of its own and keeps them.
/// (The image's link names it, so that it is there in every image.)
extern "C" [[gnu::constructor(101)]] void aster_prepare_process() {
  if (entered) return;
  image = {reinterpret_cast<std::uint64_t>(__ehdr_start), static_cast<std::uint64_t>(_end - __ehdr_start)};
  target.kind = abi::target::process;
  target.write = write_out;
  target.control = [](const char* text, std::size_t size) noexcept {
    write_out(options().control, text, size);
  };
  target.hear = [](char* out, std::size_t size) noexcept {
    const long n =
        linux_call(SYS_read, options().control, reinterpret_cast<long>(out), static_cast<long>(size));
    return n == -EINTR || n == -EAGAIN ? 0 : n > 0 ? n : -1;
  };
  target.exit = exit_group;
  target.start_tick = start_tick;
  target.thread_number = thread_number;
  // Read here and not when the platform is first used: a panic before that needs the control channel.
  if (const char* const line = getenv(abi::boot_variable)) {
    if (!options().parse(line)) refuse(options().error, options().error_token, abi::exit_bad_boot);
    unsetenv(abi::boot_variable);  // copied by now, and no business of the program's
  }
#if !__has_feature(address_sanitizer)
  // Enough for a frame with AVX-512 state and the words of a fault; the report has a stack of its own.
  constexpr std::size_t stack_size = 16 * 1024;
  alignas(16) static char stack[stack_size];
  const stack_t alternate{.ss_sp = stack, .ss_flags = 0, .ss_size = stack_size};
  sigaltstack(&alternate, nullptr);
  struct sigaction action{};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;  // a fault of the report itself ends the report
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT})
    sigaction(signal, &action, nullptr);
#endif
}

}  // namespace
}  // namespace aster::kernel
