// Which system calls an image may make, as tables that the filter's generator compiles and its test checks.
//
// abi/sandbox.hpp states the contract. Three verdicts: what the hot path needs is allowed, with its arguments
// checked; what no honest program calls kills the process, so that an attempt is seen; everything else raises
// SIGSYS and the image answers it from its own tables, which touch nothing outside of it.
#pragma once
#include <asm/prctl.h>
#include <asm/unistd_64.h>
#include <linux/mman.h>
#include <sys/time.h>

#include <array>
#include <cstdint>

#include "abi/manifest.hpp"
#include "abi/sandbox.hpp"

namespace aster::host::sandbox {

/// A condition on one argument: (value & mask) == equals, over all 64 bits.
struct argument_check {
  unsigned index = 0;
  std::uint64_t mask = 0;  // 0: no condition
  std::uint64_t equals = 0;
};

struct rule {
  int call;
  argument_check check{};
};

inline constexpr std::uint64_t every_bit = ~std::uint64_t{0};

/// An argument that has to be `value` exactly.
constexpr argument_check is(unsigned index, std::uint64_t value) { return {index, every_bit, value}; }

/// Descriptors are allowed in blocks of a power of two, so that a range costs few comparisons: devices lie at
/// 4–15.
constexpr argument_check is_block(unsigned index, std::uint64_t first, std::uint64_t count) {
  return {index, ~(count - 1), first};
}
static_assert(abi::control_descriptor == 3 && abi::first_device_descriptor == 4 && abi::device_limit == 12);

// Several rules for one call: any of them suffices.
inline constexpr auto allowed_calls = std::to_array<rule>({
    // Console and devices.
    {__NR_read, is(0, 0)},
    {__NR_read, is_block(0, 4, 4)},
    {__NR_read, is_block(0, 8, 8)},
    {__NR_readv, is(0, 0)},
    {__NR_readv, is_block(0, 4, 4)},
    {__NR_readv, is_block(0, 8, 8)},
    {__NR_write, is(0, 1)},
    {__NR_write, is_block(0, 2, 2)},
    {__NR_write, is_block(0, 4, 4)},
    {__NR_write, is_block(0, 8, 8)},
    {__NR_writev, is(0, 1)},
    {__NR_writev, is_block(0, 2, 2)},
    {__NR_writev, is_block(0, 4, 4)},
    {__NR_writev, is_block(0, 8, 8)},
    // Idle, until a device or a signal has something.
    {__NR_ppoll},
    // Memory: never executable.
    {__NR_mprotect, is(2, PROT_NONE)},
    {__NR_mprotect, is(2, PROT_READ)},
    {__NR_mprotect, is(2, PROT_READ | PROT_WRITE)},
    {__NR_madvise, is(2, MADV_DONTNEED)},
    {__NR_madvise, is(2, MADV_POPULATE_READ)},
    {__NR_madvise, is(2, MADV_POPULATE_WRITE)},
    {__NR_madvise, is(2, 102)},  // MADV_GUARD_INSTALL, Linux 6.13
    {__NR_madvise, is(2, 103)},  // MADV_GUARD_REMOVE
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

// Calls of another architecture (int 0x80, x32) kill as well; that needs no table.
inline constexpr auto deadly_calls = std::to_array<rule>({
    // Executable memory: the image's code is what the tender mapped, and nothing becomes code later.
    {__NR_mmap, {2, PROT_EXEC, PROT_EXEC}},
    {__NR_mprotect, {2, PROT_EXEC, PROT_EXEC}},
    {__NR_pkey_mprotect, {2, PROT_EXEC, PROT_EXEC}},
    // Other processes.
    {__NR_ptrace},
    {__NR_process_vm_readv},
    {__NR_process_vm_writev},
    {__NR_process_madvise},
    {__NR_process_mrelease},
    {__NR_pidfd_getfd},
    {__NR_kcmp},
    // Interfaces that reach deep into the kernel, or around this filter.
    {__NR_bpf},
    {__NR_perf_event_open},
    {__NR_io_uring_setup},
    {__NR_io_uring_enter},
    {__NR_io_uring_register},
    {__NR_userfaultfd},
    {__NR_modify_ldt},
    {__NR_iopl},
    {__NR_ioperm},
    {__NR_add_key},
    {__NR_request_key},
    {__NR_keyctl},
    {__NR_open_by_handle_at},
    {__NR_fanotify_init},
    {__NR_move_pages},
    {__NR_migrate_pages},
    // Namespaces and mounts.
    {__NR_unshare},
    {__NR_setns},
    {__NR_mount},
    {__NR_umount2},
    {__NR_pivot_root},
    {__NR_chroot},
    {__NR_open_tree},
    {__NR_move_mount},
    {__NR_fsopen},
    {__NR_fsconfig},
    {__NR_fsmount},
    {__NR_fspick},
    {__NR_mount_setattr},
    // The machine as a whole.
    {__NR_reboot},
    {__NR_kexec_load},
    {__NR_kexec_file_load},
    {__NR_init_module},
    {__NR_finit_module},
    {__NR_delete_module},
    {__NR_swapon},
    {__NR_swapoff},
    {__NR_acct},
    {__NR_quotactl},
    {__NR_quotactl_fd},
    {__NR_sethostname},
    {__NR_setdomainname},
    {__NR_settimeofday},
    {__NR_clock_settime},
    {__NR_adjtimex},
    {__NR_clock_adjtime},
    {__NR_vhangup},
});

}  // namespace aster::host::sandbox
