// Which system calls an image may make, as tables that the filter's generator compiles and its test checks.
//
// abi/sandbox.hpp states the contract. Four verdicts: what the hot path needs is allowed, with its arguments
// checked; what no honest program calls kills the process, so that an attempt is seen; what libc asks at each
// start, to be told always the same, is answered by the filter itself; everything else raises SIGSYS and the
// image answers it from its own tables (mostly ENOSYS), which touch nothing outside of it. So killing keeps
// nothing out that would not be kept out anyway; it ends a program that has been taken over, at its first
// step.
//
// Linux translates the filter at each start, in time by its length, and each deadly call is an instruction of
// it. What is gone from Linux is not listed: it answers ENOSYS here as there.
#pragma once
#include <asm/prctl.h>
#include <asm/unistd_64.h>
#include <linux/mman.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "abi/manifest.hpp"
#include "abi/sandbox.hpp"

namespace aster::host::sandbox {

/// A condition on one argument: within [first, last], as a number of 64 bits; or, if `bit` is set, that it
/// has it.
struct argument_check {
  unsigned index = 0;
  std::uint32_t first = 0, last = 0;
  std::uint32_t bit = 0;
};

struct rule {
  int call;
  std::optional<argument_check> check{};
  std::optional<argument_check>
      another{};  // both have to hold; only beside `check`, and about another argument
};

constexpr argument_check is(unsigned index, std::uint32_t value) { return {index, value, value}; }
constexpr argument_check within(unsigned index, std::uint32_t first, std::uint32_t last) {
  return {index, first, last};
}
constexpr argument_check has(unsigned index, std::uint32_t bit) { return {index, 0, 0, bit}; }

inline constexpr std::uint32_t last_device = abi::first_device_descriptor + abi::device_limit - 1;
static_assert(abi::control_descriptor == 3 && abi::first_device_descriptor == 4);

// Several rules for one call: any of them suffices.
inline constexpr auto allowed_calls = std::to_array<rule>({
    // Console, control channel and devices.
    {__NR_read, is(0, 0)},
    {__NR_read, within(0, 3, last_device)},
    {__NR_readv, is(0, 0)},
    {__NR_readv, within(0, 4, last_device)},
    {__NR_write, within(0, 1, last_device)},
    {__NR_writev, within(0, 1, last_device)},
    // Frames in batches, by the ring that the tender made and restricted (ring.hpp). No flags: it never waits
    // there,
    // and no index of another ring stands for the descriptor.
    {__NR_io_uring_enter, is(0, abi::ring_descriptor), is(3, 0)},
    // Idle, until a device or a signal has something.
    {__NR_ppoll},
    // Memory: never executable.
    {__NR_mprotect, is(2, PROT_NONE)},
    {__NR_mprotect, is(2, PROT_READ)},
    {__NR_mprotect, is(2, PROT_READ | PROT_WRITE)},
    {__NR_madvise, is(2, MADV_DONTNEED)},
    {__NR_madvise, within(2, MADV_POPULATE_READ, MADV_POPULATE_WRITE)},
    {__NR_madvise, within(2, 102, 103)},  // MADV_GUARD_INSTALL, MADV_GUARD_REMOVE: Linux 6.13
    // The thread pointer of libc.
    {__NR_arch_prctl, is(0, ARCH_SET_FS)},
    {__NR_getrandom},
    {__NR_clock_gettime},
    // The detector of fibers that hog the CPU.
    {__NR_setitimer, is(0, ITIMER_VIRTUAL)},
    {__NR_rt_sigreturn},
    {__NR_exit_group},
});

/// Allowed without abi::own_call_mark even under strace: it takes no arguments.
inline constexpr int unmarked_call = __NR_rt_sigreturn;

/// Answered by the filter, as the image would (kernel/syscall), except under strace.
struct answered_call {
  int call;
  int error;  // 0: the call succeeds
};
inline constexpr auto answered_calls = std::to_array<answered_call>({
    {__NR_set_robust_list, 0},  // locks shared with other processes: there are none
    {__NR_rseq, ENOSYS},        // one CPU, so nothing to restart
    {__NR_ioctl, ENOTTY},       // no descriptor is a terminal
});

// Calls of another architecture (int 0x80, x32) kill as well; that needs no table.
inline constexpr auto deadly_calls = std::to_array<rule>({
    // Executable memory: the image's code is what the tender mapped, and nothing becomes code later.
    {__NR_mmap, has(2, PROT_EXEC)},
    {__NR_mprotect, has(2, PROT_EXEC)},
    {__NR_pkey_mprotect, has(2, PROT_EXEC)},
    // Other processes.
    {__NR_ptrace},
    {__NR_process_vm_readv},
    {__NR_process_vm_writev},
    {__NR_kcmp},
    {__NR_pidfd_getfd},
    // Interfaces that reach deep into the kernel, or around this filter.
    {__NR_bpf},
    {__NR_perf_event_open},
    {__NR_userfaultfd},
    {__NR_io_uring_setup},
    {__NR_io_uring_register},
    {__NR_modify_ldt},
    {__NR_add_key},
    {__NR_request_key},
    {__NR_keyctl},
    {__NR_open_by_handle_at},
    // Namespaces and mounts.
    {__NR_unshare},
    {__NR_setns},
    {__NR_pivot_root},
    {__NR_chroot},
    {__NR_open_tree},
    {__NR_move_mount},
    {__NR_fsopen},
    {__NR_fsconfig},
    {__NR_fsmount},
    {__NR_fspick},
    // The machine as a whole.
    {__NR_acct},
    {__NR_settimeofday},
    {__NR_mount},
    {__NR_umount2},
    {__NR_swapon},
    {__NR_swapoff},
    {__NR_reboot},
    {__NR_sethostname},
    {__NR_setdomainname},
    {__NR_iopl},
    {__NR_ioperm},
    {__NR_init_module},
    {__NR_delete_module},
    {__NR_quotactl},
    {__NR_vhangup},
    {__NR_clock_settime},
    {__NR_clock_adjtime},
    {__NR_finit_module},
    {__NR_kexec_file_load},
});

}  // namespace aster::host::sandbox
