// Who the program is and what it may use: one process, nobody's, on a machine of its own.
#include <errno.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/types.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "kernel/memory/address_space.hpp"
#include "kernel/syscall/serve.hpp"
#include "kernel/target.hpp"

namespace aster::kernel {
namespace {

/// The default size of a pthread's stack comes from RLIMIT_STACK. Its pages count only when touched.
constexpr std::uint64_t thread_stack = 1 << 20;

long limits(std::uint64_t resource, rlimit* out) noexcept {
  if (resource >= RLIM_NLIMITS) return -EINVAL;
  if (!out) return 0;
  switch (resource) {
    case RLIMIT_STACK: *out = {thread_stack, thread_stack}; return 0;
    case RLIMIT_NOFILE: *out = {128, 128}; return 0;
    case RLIMIT_CORE: *out = {0, 0}; return 0;
    case RLIMIT_AS:
    case RLIMIT_DATA:
    default: *out = {RLIM_INFINITY, RLIM_INFINITY}; return 0;
  }
}

void copy(char* to, const char* from) noexcept {
  while ((*to++ = *from++)) {}
}

}  // namespace

long serve_identity(const call& call) noexcept {
  switch (call.number) {
    case SYS_getpid: return 1;
    case SYS_getppid: return 0;
    case SYS_getuid:
    case SYS_geteuid:
    case SYS_getgid:
    case SYS_getegid: return 1000;
    case SYS_getpgrp:
    case SYS_getsid: return 1;
    case SYS_getrandom:
      if (call.c & ~std::uint64_t{GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE}) return -EINVAL;
      target.fill_entropy(reinterpret_cast<void*>(call.a), call.b);
      return static_cast<long>(call.b);
    case SYS_prlimit64:
      return call.c ? -EPERM : limits(call.b, reinterpret_cast<rlimit*>(call.d));
    case SYS_getrlimit: return limits(call.a, reinterpret_cast<rlimit*>(call.b));
    case SYS_getrusage: {
      if (const int who = static_cast<int>(call.a); who < RUSAGE_CHILDREN || who > RUSAGE_THREAD) return -EINVAL;
      auto& out = *reinterpret_cast<rusage*>(call.b);
      out = {};
      const std::uint64_t now = target.monotonic() / 1000;
      out.ru_utime = {static_cast<__time_t>(now / 1'000'000), static_cast<__suseconds_t>(now % 1'000'000)};
      return 0;
    }
    case SYS_sysinfo: {
      auto& out = *reinterpret_cast<struct sysinfo*>(call.a);
      out = {};
      out.uptime = static_cast<long>(target.monotonic() / 1'000'000'000);
      out.totalram = memory().budget_pages() * page_size;
      out.freeram = (memory().budget_pages() - memory().committed_pages()) * page_size;
      out.procs = 1;
      out.mem_unit = 1;
      return 0;
    }
    case SYS_uname: {
      auto& out = *reinterpret_cast<utsname*>(call.a);
      out = {};
      copy(out.sysname, "Linux");  // whose system calls these are
      copy(out.nodename, "asterism");
      copy(out.release, "6.1.0-asterism");
      copy(out.version, "Asterism");
      copy(out.machine, "x86_64");
      return 0;
    }
    case SYS_prctl: return call.a == PR_SET_NAME ? 0 : -EINVAL;
    case SYS_getcpu:
      if (call.a) *reinterpret_cast<unsigned*>(call.a) = 0;
      if (call.b) *reinterpret_cast<unsigned*>(call.b) = 0;
      return 0;
    default: return unserved;
  }
}

}  // namespace aster::kernel
