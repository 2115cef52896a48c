// Runs the compiled filter in an interpreter of our own, call by call, and checks every verdict.
#include <asm/unistd_64.h>
#include <doctest/doctest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "filter_program.hpp"
#include "host/sandbox/filter_rules.hpp"

namespace {

using namespace aster::host::sandbox;

enum class verdict { allow, trap, kill, answer };

/// Classic BPF, as far as seccomp uses it (Linux, Documentation/networking/filter.rst).
std::uint32_t interpret(std::span<const sock_filter> program, const seccomp_data& data) {
  std::uint32_t accumulator = 0;
  std::size_t at = 0;
  for (;;) {
    REQUIRE(at < program.size());
    const sock_filter& i = program[at++];
    const auto jump = [&](bool condition) { at += condition ? i.jt : i.jf; };
    switch (i.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        REQUIRE(i.k + 4 <= sizeof data);
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + i.k, 4);
        break;
      case BPF_ALU | BPF_AND | BPF_K: accumulator &= i.k; break;
      case BPF_JMP | BPF_JA: at += i.k; break;
      case BPF_JMP | BPF_JEQ | BPF_K: jump(accumulator == i.k); break;
      case BPF_JMP | BPF_JGT | BPF_K: jump(accumulator > i.k); break;
      case BPF_JMP | BPF_JGE | BPF_K: jump(accumulator >= i.k); break;
      case BPF_JMP | BPF_JSET | BPF_K: jump((accumulator & i.k) != 0); break;
      case BPF_RET | BPF_K: return i.k;
      default: FAIL("an instruction that the interpreter does not know: ", i.code);
    }
  }
}

verdict judge(std::uint32_t call, std::array<std::uint64_t, 6> arguments = {},
              std::uint32_t arch = AUDIT_ARCH_X86_64, std::span<const sock_filter> program = filter_program) {
  seccomp_data data{};
  data.nr = static_cast<int>(call);
  data.arch = arch;
  for (std::size_t i = 0; i < arguments.size(); ++i) data.args[i] = arguments[i];
  const std::uint32_t action = interpret(program, data);
  switch (action & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW: return verdict::allow;
    case SECCOMP_RET_TRAP: return verdict::trap;
    case SECCOMP_RET_KILL_PROCESS: return verdict::kill;
    case SECCOMP_RET_ERRNO: return verdict::answer;
    default: FAIL("an action that the rules do not know: ", action); return verdict::kill;
  }
}

constexpr std::uint32_t call_limit = 512;  // more than Linux has
constexpr std::uint32_t x32_bit = 0x40000000;

TEST_CASE("under strace a call is allowed only from the image's kernel, and nothing else changes") {
  for (std::uint32_t call = 0; call < call_limit; ++call) {
    for (const std::uint64_t first : {0, 1, 4, ARCH_SET_FS}) {
      for (const std::uint64_t third : {0, PROT_READ, PROT_EXEC, MADV_DONTNEED}) {
        CAPTURE(call);
        const verdict untraced = judge(call, {first, 0, third});
        const verdict of_libc = judge(call, {first, 0, third}, AUDIT_ARCH_X86_64, traced_filter_program);
        const verdict of_kernel = judge(call, {first, 0, third, 0, 0, aster::abi::own_call_mark},
                                        AUDIT_ARCH_X86_64, traced_filter_program);
        CHECK(of_kernel == (untraced == verdict::answer ? verdict::trap : untraced));
        const bool seen =
            untraced == verdict::answer || (untraced == verdict::allow && call != __NR_rt_sigreturn);
        CHECK(of_libc == (seen ? verdict::trap : untraced));
      }
    }
  }
}

TEST_CASE("reading is allowed from the console, the control channel and the devices alone") {
  for (const std::uint32_t call : {__NR_read, __NR_readv}) {
    for (std::uint64_t descriptor = 0; descriptor < 80; ++descriptor) {
      const std::uint64_t first = call == __NR_read ? 3 : 4;  // the control channel is read as it comes
      const bool expected = descriptor == 0 || (descriptor >= first && descriptor <= 15);
      CAPTURE(descriptor);
      CHECK(judge(call, {descriptor}) == (expected ? verdict::allow : verdict::trap));
    }
  }
}

TEST_CASE("writing is allowed to the console, the control channel and the devices alone") {
  for (const std::uint32_t call : {__NR_write, __NR_writev}) {
    for (std::uint64_t descriptor = 0; descriptor < 80; ++descriptor) {
      const bool expected = descriptor >= 1 && descriptor <= 15;
      CAPTURE(descriptor);
      CHECK(judge(call, {descriptor}) == (expected ? verdict::allow : verdict::trap));
    }
  }
}

TEST_CASE("one ring can be entered, the tender's, and without flags") {
  for (std::uint64_t descriptor = 0; descriptor < 80; ++descriptor) {
    for (std::uint64_t flags = 0; flags < 64; ++flags) {
      CAPTURE(descriptor);
      CAPTURE(flags);
      CHECK(judge(__NR_io_uring_enter, {descriptor, 1, 0, flags}) ==
            (descriptor == 16 && flags == 0 ? verdict::allow : verdict::trap));
    }
  }
  CHECK(judge(__NR_io_uring_enter, {1ull << 32 | 16}) == verdict::trap);
  CHECK(judge(__NR_io_uring_enter, {16, 1, 0, 1ull << 32}) == verdict::trap);
}

TEST_CASE("a descriptor with bits above the 32nd is another one") {
  CHECK(judge(__NR_write, {1ull << 32 | 1}) == verdict::trap);
  CHECK(judge(__NR_read, {1ull << 63 | 4}) == verdict::trap);
  CHECK(judge(__NR_write, {~0ull}) == verdict::trap);
}

TEST_CASE("memory can be made readable and writable, and never executable") {
  for (std::uint64_t protection = 0; protection < 64; ++protection) {
    CAPTURE(protection);
    const bool plain = protection == 0 || protection == PROT_READ || protection == (PROT_READ | PROT_WRITE);
    const bool executable = (protection & PROT_EXEC) != 0;
    CHECK(judge(__NR_mprotect, {0x1000, 0x1000, protection}) == (executable ? verdict::kill
                                                                 : plain    ? verdict::allow
                                                                            : verdict::trap));
    CHECK(judge(__NR_mmap, {0, 0x1000, protection, 0x22, ~0ull, 0}) ==
          (executable ? verdict::kill : verdict::trap));
    CHECK(judge(__NR_pkey_mprotect, {0, 0x1000, protection, 0}) ==
          (executable ? verdict::kill : verdict::trap));
  }
  CHECK(judge(__NR_mprotect, {0, 0, PROT_READ | PROT_GROWSDOWN}) == verdict::trap);
}

TEST_CASE("advice on memory is limited to what the allocator and the stacks need") {
  for (std::uint64_t advice = 0; advice < 128; ++advice) {
    const bool expected = advice == MADV_DONTNEED || advice == MADV_POPULATE_READ ||
                          advice == MADV_POPULATE_WRITE || advice == 102 || advice == 103;
    CAPTURE(advice);
    CHECK(judge(__NR_madvise, {0x1000, 0x1000, advice}) == (expected ? verdict::allow : verdict::trap));
  }
}

TEST_CASE("the thread pointer can be set and the virtual timer used, and nothing like them") {
  CHECK(judge(__NR_arch_prctl, {ARCH_SET_FS, 0x1000}) == verdict::allow);
  CHECK(judge(__NR_arch_prctl, {ARCH_SET_GS, 0x1000}) == verdict::trap);
  CHECK(judge(__NR_arch_prctl, {ARCH_GET_FS, 0x1000}) == verdict::trap);
  CHECK(judge(__NR_setitimer, {ITIMER_VIRTUAL}) == verdict::allow);
  CHECK(judge(__NR_setitimer, {ITIMER_REAL}) == verdict::trap);
  CHECK(judge(__NR_setitimer, {ITIMER_PROF}) == verdict::trap);
}

TEST_CASE("of all calls, with no argument set, exactly the listed ones are allowed or kill") {
  std::vector<std::uint32_t> allowed;
  for (std::uint32_t call = 0; call < call_limit; ++call) {
    verdict expected = verdict::trap;
    for (const rule& r : deadly_calls) {
      if (static_cast<std::uint32_t>(r.call) == call && !r.check) expected = verdict::kill;
    }
    for (const answered_call& r : answered_calls) {
      if (static_cast<std::uint32_t>(r.call) == call) expected = verdict::answer;
    }
    if (judge(call) == verdict::allow) {
      allowed.push_back(call);
    } else {
      CAPTURE(call);
      CHECK(judge(call) == expected);
    }
  }
  // read(0), readv(0), mprotect(PROT_NONE) and those whose arguments are free. (Writing to 0 is not.)
  CHECK(allowed == std::vector<std::uint32_t>{__NR_read, __NR_mprotect, __NR_rt_sigreturn, __NR_readv,
                                              __NR_clock_gettime, __NR_exit_group, __NR_ppoll,
                                              __NR_getrandom});
}

TEST_CASE("what libc asks at each start is answered as the image would, which strace shows") {
  const auto answer_to = [](std::uint32_t call) {
    seccomp_data data{};
    data.nr = static_cast<int>(call);
    data.arch = AUDIT_ARCH_X86_64;
    return interpret(filter_program, data);
  };
  CHECK(answer_to(__NR_set_robust_list) == SECCOMP_RET_ERRNO);
  CHECK(answer_to(__NR_rseq) == (SECCOMP_RET_ERRNO | ENOSYS));
  CHECK(answer_to(__NR_ioctl) == (SECCOMP_RET_ERRNO | ENOTTY));
  CHECK(judge(__NR_rseq, {}, AUDIT_ARCH_X86_64, traced_filter_program) == verdict::trap);
}

TEST_CASE("what neighbours a deadly call raises SIGSYS") {
  for (const std::uint32_t call :
       {__NR_syslog, __NR_prctl, __NR_setrlimit, __NR_sync, __NR_tuxcall, __NR_gettid, __NR_restart_syscall,
        __NR_prlimit64, __NR_sendmmsg, __NR_sched_setattr, __NR_renameat2, __NR_memfd_create, __NR_membarrier,
        __NR_clone3, __NR_pidfd_send_signal, __NR_faccessat2, __NR_epoll_pwait2}) {
    CAPTURE(call);
    CHECK(judge(call) == verdict::trap);
  }
  CHECK(judge(424) == verdict::trap);
  CHECK(judge(434) == verdict::trap);
}

TEST_CASE("what libc asks and the image serves raises SIGSYS") {
  for (const std::uint32_t call :
       {__NR_open,        __NR_openat,   __NR_openat2,    __NR_socket,       __NR_connect,
        __NR_clone,       __NR_clone3,   __NR_fork,       __NR_vfork,        __NR_execve,
        __NR_execveat,    __NR_kill,     __NR_tgkill,     __NR_brk,          __NR_mmap,
        __NR_munmap,      __NR_mremap,   __NR_futex,      __NR_rt_sigaction, __NR_rt_sigprocmask,
        __NR_sigaltstack, __NR_fstat,    __NR_newfstatat, __NR_fcntl,        __NR_dup2,
        __NR_close,       __NR_sendmsg,  __NR_recvmsg,    __NR_exit,         __NR_prctl,
        __NR_seccomp,     __NR_nanosleep}) {
    CAPTURE(call);
    CHECK(judge(call) == verdict::trap);
  }
}

TEST_CASE("the calls of another architecture kill") {
  for (std::uint32_t call = 0; call < call_limit; ++call) {
    CHECK(judge(call, {}, AUDIT_ARCH_I386) == verdict::kill);
    CHECK(judge(call | x32_bit) == verdict::kill);
  }
}

TEST_CASE("numbers that no call has raise SIGSYS") {
  CHECK(judge(100000) == verdict::trap);
  CHECK(judge(0x3fffffff) == verdict::trap);
}

}  // namespace
