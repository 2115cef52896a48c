// From the tender's jump to libc's `_start`, in order.
#include "kernel/start.hpp"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

#include "abi/sandbox.hpp"
#include "kernel/boot_options.hpp"
#include "kernel/linux_call.hpp"
#include "kernel/memory/address_space.hpp"
#include "kernel/memory/image_segments.hpp"
#include "kernel/panic.hpp"
#include "kernel/platform.hpp"
#include "kernel/sandbox/sandbox.hpp"
#include "kernel/target.hpp"
#include "kernel/thread/thread.hpp"

namespace aster::kernel {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

constinit bool console_ended = false;

std::uint64_t read_clock(int clock) noexcept {
  timespec now{};
  linux_call(SYS_clock_gettime, clock, reinterpret_cast<long>(&now));
  return static_cast<std::uint64_t>(now.tv_sec) * second + static_cast<std::uint64_t>(now.tv_nsec);
}

std::uint64_t monotonic() noexcept { return read_clock(CLOCK_MONOTONIC); }
std::int64_t wall() noexcept { return static_cast<std::int64_t>(read_clock(CLOCK_REALTIME)); }

void write_all(int descriptor, const char* text, std::size_t size) noexcept {
  while (size > 0) {
    const long n = linux_call(SYS_write, descriptor, reinterpret_cast<long>(text), static_cast<long>(size));
    if (n == -EINTR) continue;
    if (n == -EAGAIN) {  // a non-blocking terminal or pipe: wait for room
      sandbox_idle(monotonic() + 1'000'000, false);
      continue;
    }
    if (n <= 0) return;
    text += n;
    size -= static_cast<std::size_t>(n);
  }
}

long read_console(char* out, std::size_t size) noexcept {
  if (console_ended) return -1;
  // The filter lets no fcntl through, so whether input is there is asked first.
  if (!sandbox_console_readable()) return 0;
  const long n = linux_call(SYS_read, 0, reinterpret_cast<long>(out), static_cast<long>(size));
  if (n == -EINTR || n == -EAGAIN) return 0;
  if (n <= 0) console_ended = true;
  return n > 0 ? n : -1;
}

void fill_entropy(void* data, std::size_t size) noexcept {
  auto* out = static_cast<char*>(data);
  while (size > 0) {
    const long n = linux_call(SYS_getrandom, reinterpret_cast<long>(out), static_cast<long>(size), 0);
    if (n == -EINTR) continue;
    if (n <= 0) refuse("no source of entropy", "getrandom failed", abi::exit_no_entropy);
    out += n;
    size -= static_cast<std::size_t>(n);
  }
}

long protect(std::uint64_t begin, std::uint64_t end, int protection) noexcept {
  return linux_call(SYS_mprotect, static_cast<long>(begin), static_cast<long>(end - begin), protection);
}

void discard(std::uint64_t begin, std::uint64_t end) noexcept {
  linux_call(SYS_madvise, static_cast<long>(begin), static_cast<long>(end - begin), MADV_DONTNEED);
}

long guard(std::uint64_t begin, std::uint64_t end, bool install) noexcept {
  return linux_call(SYS_madvise, static_cast<long>(begin), static_cast<long>(end - begin),
                    install ? 102 : 103);
}

void set_thread_pointer(std::uint64_t value) noexcept {
  constexpr long arch_set_fs = 0x1002;
  linux_call(SYS_arch_prctl, arch_set_fs, static_cast<long>(value));
}

void start_tick(std::uint64_t nanoseconds) noexcept {
  const timeval period{0, static_cast<suseconds_t>(nanoseconds / 1000)};
  const itimerval timer{period, period};
  linux_call(SYS_setitimer, ITIMER_VIRTUAL, reinterpret_cast<long>(&timer));
}

void leave_process(int code) noexcept {
  for (;;) linux_call(SYS_exit_group, code);
}

void fill_target() noexcept {
  target.kind = abi::target::sandbox;
  target.idle = sandbox_idle;
  target.monotonic = monotonic;
  target.wall = wall;
  target.fill_entropy = fill_entropy;
  target.write = write_all;
  target.thread_number = []() noexcept { return static_cast<unsigned>(threads().current().id); };
  target.read = read_console;
  target.control = [](const char* text, std::size_t size) noexcept {
    write_all(abi::control_descriptor, text, size);
  };
  target.hear = [](char* out, std::size_t size) noexcept {
    const long n =
        linux_call(SYS_read, abi::control_descriptor, reinterpret_cast<long>(out), static_cast<long>(size));
    return n == -EINTR || n == -EAGAIN ? 0 : n > 0 ? n : -1;
  };
  target.start_tick = start_tick;
  target.set_thread_pointer = set_thread_pointer;
  target.exit = leave_process;
  target.protect = protect;
  target.discard = discard;
  target.guard = guard;
}

}  // namespace

extern "C" [[noreturn]] void aster_sandbox_start(const abi::sandbox_boot* boot) noexcept {
  fill_target();
  image = {boot->image_base, boot->image_size};
  check_boot_line(options().parse({reinterpret_cast<const char*>(boot->boot_line), boot->boot_line_size}));

  const std::uint64_t image_pages = boot->image_size / page_size;
  const std::uint64_t budget = boot->budget / page_size;
  if (budget <= image_pages + 16)
    refuse("not enough memory for the image itself", "give more with -m", abi::exit_bad_boot);
  add_image_segments(memory());
  // The heap may take whatever the budget allows; its addresses come first, where the tender put the window.
  memory().start(boot->memory, boot->memory + boot->memory_size, budget - image_pages, boot->memory,
                 (budget - image_pages) * page_size);
  threads().start();
  if (boot->size >= sizeof *boot) sandbox_ring = boot->ring;
  entered = &sandbox_platform;
  start_program({.vdso = boot->vdso, .hwcap = boot->hwcap, .hwcap2 = boot->hwcap2});
}

}  // namespace aster::kernel
