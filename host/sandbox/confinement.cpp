#include "host/sandbox/confinement.hpp"

#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/seccomp.h>

#include <array>
#include <cstdint>

#include "filter_program.hpp"
#include "host/sandbox/linux_call.hpp"

namespace aster::host::sandbox {
namespace {

bool failed(long result) { return result < 0; }

/// struct sigaction as the kernel takes it on x86-64.
struct kernel_sigaction {
  std::uint64_t handler;
  std::uint64_t flags;
  std::uint64_t restorer;
  std::uint64_t mask;
};

constexpr std::uint64_t signal_bit(int signal) { return std::uint64_t{1} << (signal - 1); }

std::expected<void, complaint> demand(long result, std::string_view cause, std::string_view mend) {
  if (failed(result)) return std::unexpected(complaint{cause, mend, static_cast<int>(-result)});
  return {};
}

}  // namespace

std::expected<void, descriptor_complaint> settle_descriptors(int control, std::span<const int> devices) {
  constexpr std::size_t capacity = 1 + abi::device_limit;
  std::array<int, capacity> from{};
  const std::size_t count = 1 + devices.size();
  from[0] = control;
  for (std::size_t i = 0; i < devices.size(); ++i) from[1 + i] = devices[i];

  const auto closed = [](int descriptor, long result) {
    return std::unexpected(descriptor_complaint{
        descriptor,
        {"is not an open descriptor", "open it before the tender starts", static_cast<int>(-result)}});
  };
  const auto wanted = [](std::size_t i) { return abi::control_descriptor + static_cast<int>(i); };
  bool in_place = true;
  for (std::size_t i = 0; i < count; ++i)
    in_place = in_place && (from[i] == wanted(i) || (i == 0 && from[i] < 0));
  if (!in_place) {
    // First up and out of the way, since one's target may be another's source.
    for (std::size_t i = 0; i < count; ++i) {
      if (from[i] < 0) continue;
      const long moved = linux_call(__NR_fcntl, from[i], F_DUPFD, 64);
      if (failed(moved)) return closed(from[i], moved);
      from[i] = static_cast<int>(moved);
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (from[i] >= 0) linux_call(__NR_dup2, from[i], wanted(i));
    }
  }
  const bool keeps_none = control < 0 && devices.empty();
  if (control < 0 && !keeps_none) linux_call(__NR_close, abi::control_descriptor);
  for (std::size_t i = 1; i < count; ++i) {
    const long flags = linux_call(__NR_fcntl, wanted(i), F_GETFL);
    if (failed(flags)) return closed(wanted(i), flags);
    if ((flags & O_NONBLOCK) == 0) linux_call(__NR_fcntl, wanted(i), F_SETFL, flags | O_NONBLOCK);
  }
  const long swept = linux_call(__NR_close_range, wanted(keeps_none ? 0 : count), ~0u, 0);
  if (failed(swept)) {
    return std::unexpected(descriptor_complaint{
        wanted(count), {"could not be closed", "this needs Linux 5.9 or later", static_cast<int>(-swept)}});
  }
  return {};
}

std::expected<void, complaint> install_handlers(const abi::sandbox_boot& boot, const image_layout& layout) {
  const stack_t alternate{
      .ss_sp = reinterpret_cast<void*>(boot.signal_stack), .ss_flags = 0, .ss_size = boot.signal_stack_size};
  long worst = linux_call(__NR_sigaltstack, &alternate, nullptr);
  const auto install = [&](int signal, std::uint64_t handler, std::uint64_t flags,
                           kernel_sigaction* old = nullptr) {
    const kernel_sigaction action{.handler = boot.image_base + handler,
                                  .flags = flags | SA_SIGINFO | SA_RESTORER,
                                  .restorer = boot.image_base + layout.restorer,
                                  .mask = 0};
    const long result = linux_call(__NR_rt_sigaction, signal, &action, old, sizeof action.mask);
    if (failed(result)) worst = result;
  };
  install(SIGSYS, layout.trap, SA_NODEFER);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGTERM, SIGVTALRM}) {
    install(signal, layout.signal, SA_ONSTACK | SA_NODEFER);  // a fault of a panic's report ends the report
  }
  // Ctrl-C and a closed terminal ask to stop as well, unless whoever started us said that they should not
  // (nohup).
  for (const int signal : {SIGINT, SIGHUP}) {
    kernel_sigaction old{};
    install(signal, layout.signal, SA_ONSTACK, &old);
    if (old.handler == reinterpret_cast<std::uint64_t>(SIG_IGN)) {
      linux_call(__NR_rt_sigaction, signal, &old, nullptr, sizeof old.mask);
    }
  }
  // Exactly this mask: a SIGSYS blocked by whoever started the tender would kill at the first trap.
  const std::uint64_t blocked = signal_bit(SIGTERM) | signal_bit(SIGINT) | signal_bit(SIGHUP);
  const long masked = linux_call(__NR_rt_sigprocmask, SIG_SETMASK, &blocked, nullptr, sizeof blocked);
  if (failed(masked)) worst = masked;
  return demand(worst, "cannot be given its signal handlers", "this is a fault of the tender: report it");
}

std::expected<void, complaint> shed_privileges(bool debug) {
  const rlimit64 none{.rlim_cur = 0, .rlim_max = 0};
  long worst = linux_call(__NR_prlimit64, 0, RLIMIT_CORE, &none, nullptr);
  if (!debug && !failed(worst)) worst = linux_call(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!failed(worst)) worst = linux_call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return demand(worst, "cannot be confined",
                "this kernel lacks what the sandbox needs: run it --on process or qemu");
}

std::expected<void, complaint> install_filter(bool traced) {
  // The compiler must not know the address, or it would lay the structure out as a constant, with a
  // relocation.
  const sock_filter* instructions = filter_program;
  unsigned short count = std::size(filter_program);
  if (traced) {
    instructions = traced_filter_program;
    count = std::size(traced_filter_program);
  }
  asm("" : "+r"(instructions));
  const sock_fprog program{.len = count, .filter = const_cast<sock_filter*>(instructions)};
  return demand(linux_call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program),
                "cannot be confined: seccomp is not available", "run it --on process or qemu");
}

}  // namespace aster::host::sandbox
