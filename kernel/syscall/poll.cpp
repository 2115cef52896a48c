// Waiting for descriptors: poll, select and their younger forms. Programs wait for the console with them, and use them
// without descriptors as a clock.
#include <errno.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "kernel/syscall/descriptors.hpp"
#include "kernel/syscall/serve.hpp"
#include "kernel/target.hpp"
#include "kernel/thread/thread.hpp"

namespace aster::kernel {

std::uint64_t deadline_of(const timespec& t, bool relative, std::uint64_t clock) noexcept;  // time.cpp
bool valid_timeout(const timespec& t) noexcept;

namespace {

constexpr short readable = POLLIN | POLLRDNORM, writable = POLLOUT | POLLWRNORM;

/// What `descriptor` is ready for, among `wanted`.
short ready_for(std::uint64_t descriptor, short wanted) noexcept {
  const descriptor_kind what = kind_of(descriptor);
  if (what == descriptor_kind::closed) return POLLNVAL;
  if (what != descriptor_kind::console) return static_cast<short>(wanted & (readable | writable));
  if (descriptor != 0) return static_cast<short>(wanted & writable);
  return (wanted & readable) != 0 && console_readable() ? static_cast<short>(wanted & readable) : short{0};
}

bool waits_for_console(std::uint64_t descriptor, short wanted) noexcept { return descriptor == 0 && (wanted & readable) != 0; }

long poll_once(pollfd* list, std::uint64_t count, bool& console) noexcept {
  long ready = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    list[i].revents = 0;
    if (list[i].fd < 0) continue;
    const auto descriptor = static_cast<std::uint64_t>(list[i].fd);
    list[i].revents = ready_for(descriptor, list[i].events);
    console |= waits_for_console(descriptor, list[i].events);
    if (list[i].revents) ++ready;
  }
  return ready;
}

/// Asks `once(console)` until it finds something or `deadline` comes, and sleeps in between.
template <class Once>
[[gnu::always_inline]] inline long wait_for(std::uint64_t deadline, Once once) noexcept {
  for (;;) {
    bool console = false;
    if (const long found = once(console); found != 0) return found;
    if (deadline <= target.monotonic()) return 0;
    threads().block(deadline, false, console);
  }
}

struct bit_sets {
  fd_set* read;
  fd_set* write;
  fd_set* except;
};

constexpr std::uint64_t word_bits = 64;

std::uint64_t* word_of(fd_set* set, std::uint64_t descriptor) noexcept {
  return set ? reinterpret_cast<std::uint64_t*>(set) + descriptor / word_bits : nullptr;
}

bool has(fd_set* set, std::uint64_t descriptor) noexcept {
  const std::uint64_t* const word = word_of(set, descriptor);
  return word && (*word >> (descriptor % word_bits) & 1) != 0;
}

/// Counts the bits that are ready; with `store`, clears the others.
long select_once(std::uint64_t count, const bit_sets& sets, bool store, bool& console) noexcept {
  long ready = 0;
  for (std::uint64_t d = 0; d < count; ++d) {
    const bool reads = has(sets.read, d), writes = has(sets.write, d), excepts = has(sets.except, d);
    if (!reads && !writes && !excepts) continue;
    const auto wanted = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
    const short now = ready_for(d, wanted);
    if (now & POLLNVAL) return -EBADF;
    console |= waits_for_console(d, wanted);
    ready += ((now & POLLIN) != 0) + ((now & POLLOUT) != 0);
    if (!store) continue;
    const std::uint64_t bit = 1ull << (d % word_bits);
    if (reads && !(now & POLLIN)) *word_of(sets.read, d) &= ~bit;
    if (writes && !(now & POLLOUT)) *word_of(sets.write, d) &= ~bit;
    if (excepts) *word_of(sets.except, d) &= ~bit;
  }
  return ready;
}

long select(std::uint64_t raw_count, const bit_sets& sets, std::uint64_t deadline) noexcept {
  const auto count = static_cast<int>(raw_count);
  if (count < 0) return -EINVAL;
  const auto checked = static_cast<std::uint64_t>(count < FD_SETSIZE ? count : FD_SETSIZE);
  bool console = false;
  const long found =
      wait_for(deadline, [&](bool& watch) noexcept { return select_once(checked, sets, false, watch); });
  return found < 0 ? found : select_once(checked, sets, true, console);
}

/// The time left until `deadline`, which Linux stores where the timeout was.
std::uint64_t left_until(std::uint64_t deadline) noexcept {
  const std::uint64_t now = target.monotonic();
  return deadline > now ? deadline - now : 0;
}

constexpr std::uint64_t second = 1'000'000'000;

/// Runs `wait(deadline)` with the timeout at `address`, of type `timespec`.
template <class Wait>
[[gnu::always_inline]] inline long with_timeout(std::uint64_t address, Wait wait) noexcept {
  auto* const timeout = reinterpret_cast<timespec*>(address);
  if (!timeout) return wait(abi::never);
  if (!valid_timeout(*timeout)) return -EINVAL;
  const std::uint64_t deadline = deadline_of(*timeout, true, CLOCK_MONOTONIC);
  const long result = wait(deadline);
  const std::uint64_t left = left_until(deadline);
  *timeout = {static_cast<time_t>(left / second), static_cast<long>(left % second)};
  return result;
}

long old_select(const call& call, const bit_sets& sets) noexcept {
  auto* const timeout = reinterpret_cast<timeval*>(call.e);
  if (!timeout) return select(call.a, sets, abi::never);
  if (timeout->tv_sec < 0 || timeout->tv_usec < 0) return -EINVAL;
  // Linux lets the microseconds be more than a second.
  timespec wanted{.tv_sec = 0, .tv_nsec = timeout->tv_usec % 1'000'000 * 1000};
  if (__builtin_add_overflow(timeout->tv_sec, timeout->tv_usec / 1'000'000, &wanted.tv_sec)) return -EINVAL;
  const std::uint64_t deadline = deadline_of(wanted, true, CLOCK_MONOTONIC);
  const long result = select(call.a, sets, deadline);
  const std::uint64_t left = left_until(deadline);
  *timeout = {static_cast<time_t>(left / second), static_cast<suseconds_t>(left % second / 1000)};
  return result;
}

}  // namespace

long serve_poll(const call& call) noexcept {
  auto* const list = reinterpret_cast<pollfd*>(call.a);
  const auto poll_until = [&](std::uint64_t deadline) noexcept {
    return wait_for(deadline, [&](bool& console) noexcept { return poll_once(list, call.b, console); });
  };
  const bit_sets sets{reinterpret_cast<fd_set*>(call.b), reinterpret_cast<fd_set*>(call.c),
                      reinterpret_cast<fd_set*>(call.d)};
  switch (call.number) {
    case SYS_poll: {
      const auto milliseconds = static_cast<int>(call.c);
      if (milliseconds < 0) return poll_until(abi::never);
      return poll_until(target.monotonic() + static_cast<std::uint64_t>(milliseconds) * 1'000'000);
    }
    // No signal is ever delivered, so the masks change nothing.
    case SYS_ppoll: return with_timeout(call.c, poll_until);
    case SYS_select: return old_select(call, sets);
    case SYS_pselect6:
      return with_timeout(call.e, [&](std::uint64_t deadline) noexcept { return select(call.a, sets, deadline); });
    default: return unserved;
  }
}

}  // namespace aster::kernel
