// The contract between an image and the sandbox tender.
//
// The tender maps the image at a random base (segments with their own protections, never writable and
// executable at once), reserves `memory`, installs the image's signal handlers from its `image_note`,
// installs the seccomp filter, and only then enters the image with rdi = this structure on `stack`. From
// the first instruction of the image on, the filter holds.
//
// The filter allows: read on descriptors 0, control and the devices, readv on 0 and the devices; write,
// writev on 1, 2, control and the devices; io_uring_enter on the tender's ring, without flags; ppoll;
// mprotect without PROT_EXEC; madvise (DONTNEED, guard install and remove, populate);
// arch_prctl(ARCH_SET_FS); getrandom; clock_gettime; setitimer(ITIMER_VIRTUAL); rt_sigreturn; exit_group. It
// answers set_robust_list (0) and rseq (ENOSYS), which libc asks at each start. Everything else that libc may
// ask raises SIGSYS, and the image serves it itself, mostly by ENOSYS; what no honest program calls (ptrace,
// process_vm_*, bpf, io_uring_setup, mount, PROT_EXEC, another architecture's calls, …:
// host/sandbox/filter_rules.hpp lists all) kills.
//
// With `strace` in the boot line every call is to be seen, so those of libc that would be allowed or answered
// raise SIGSYS as well: then the filter allows only calls that carry `own_call_mark`, as all of the image's
// kernel do.
#pragma once
#include <cstdint>

#include "abi/manifest.hpp"

namespace aster::abi {

/// Descriptors are fixed so that the filter can name them.
inline constexpr int control_descriptor = 3;       // control channel (abi/control.hpp)
inline constexpr int first_device_descriptor = 4;  // … first + device_limit - 1
inline constexpr int ring_descriptor = first_device_descriptor + static_cast<int>(device_limit);

/// Sixth argument of every call that the image's kernel makes itself; Linux ignores it. Not a matter of
/// security: whoever forges it gets what the filter allows anyway.
inline constexpr std::uint32_t own_call_mark = 0x41737472;

/// An io_uring through which many frames cross in one system call. The tender makes it, and has Linux refuse
/// everything in it but reads and writes of the devices, which are its registered files in the order of their
/// descriptors; nothing can be registered any more. Addresses are where the tender has mapped it. All zero
/// where Linux has no such rings, or does not let us have one: then each frame is a call.
struct sandbox_ring {
  std::uint64_t entries;           // io_uring_sqe[submission_mask + 1]
  std::uint64_t submission_tail;   // of 32-bit words
  std::uint64_t submission_array;  // uint32_t[submission_mask + 1]
  std::uint64_t completion_head;
  std::uint64_t completion_tail;
  std::uint64_t completions;  // io_uring_cqe[completion_mask + 1]
  std::uint32_t submission_mask;
  std::uint32_t completion_mask;
};

struct sandbox_boot {
  std::uint32_t version;      // abi_version
  std::uint32_t size;         // sizeof(sandbox_boot)
  std::uint64_t image_base;   // load address: where the ELF header lies
  std::uint64_t image_size;   // bytes of address space from image_base that the segments span
  std::uint64_t memory;       // reserved address space, PROT_NONE, page aligned, for heap and stacks
  std::uint64_t memory_size;  // bytes; larger than budget: address space is not memory
  std::uint64_t budget;       // bytes of memory the image may use in all, its own segments included (-m)
  std::uint64_t stack;        // lowest byte of the first stack (readable, writable, guard page below)
  std::uint64_t stack_size;
  std::uint64_t signal_stack;  // alternate stack for faults, already installed with sigaltstack
  std::uint64_t signal_stack_size;
  std::uint64_t vdso;       // AT_SYSINFO_EHDR of the tender's process, or 0
  std::uint64_t hwcap;      // AT_HWCAP
  std::uint64_t hwcap2;     // AT_HWCAP2
  std::uint64_t boot_line;  // address of the boot line (abi/boot_line.hpp)
  std::uint64_t boot_line_size;
  std::uint8_t entropy[32];  // fresh from getrandom
  sandbox_ring ring;
};

}  // namespace aster::abi
