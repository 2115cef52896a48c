// The sandbox as programs see it, and where it sleeps.
#include "kernel/platform.hpp"

#include <poll.h>
#include <time.h>

#include <span>

#include "abi/sandbox.hpp"
#include "kernel/frames/frame_devices.hpp"
#include "kernel/linux_call.hpp"
#include "kernel/linux_clock.hpp"
#include "kernel/panic.hpp"
#include "kernel/questions.hpp"
#include "kernel/sandbox/sandbox.hpp"
#include "kernel/target.hpp"
#include "kernel/thread/thread.hpp"

namespace aster::kernel {
constinit volatile sig_atomic_t sandbox_stop_requested = 0;
constinit abi::sandbox_ring sandbox_ring{};

bool sandbox_console_readable() noexcept {
  pollfd console{0, POLLIN, 0};
  const timespec now{};
  return linux_call(SYS_ppoll, reinterpret_cast<long>(&console), 1, reinterpret_cast<long>(&now), 0, 8) > 0;
}

void sandbox_idle(std::uint64_t deadline, bool want_console) noexcept {
  pollfd watched[abi::device_limit + 2];
  const std::size_t devices = attached_frames().watch(watched);
  std::size_t count = devices;
  const bool listening = questions().is_watched();
  if (listening) watched[count++] = {abi::control_descriptor, POLLIN, 0};
  if (want_console) watched[count++] = {0, POLLIN, 0};
  static bool stop_told = false;  // one wait has ended because of it
  const bool at_once = sandbox_stop_requested && !stop_told;
  std::uint64_t left = 0;
  if (deadline != abi::never && deadline != 0 && !at_once) {
    const std::uint64_t now = target.monotonic();
    left = deadline > now ? deadline - now : 0;
  }
  const timespec timeout{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
  const bool forever = deadline == abi::never && !at_once;
  // The tender blocked SIGTERM; only inside this call may it come, so it cannot fall between test and sleep.
  const std::uint64_t nothing_blocked = 0;
  const long ready = linux_call(SYS_ppoll, reinterpret_cast<long>(watched), static_cast<long>(count),
                                forever ? 0 : reinterpret_cast<long>(&timeout),
                                reinterpret_cast<long>(&nothing_blocked), sizeof nothing_blocked);
  if (ready > 0) {
    attached_frames().polled(std::span{watched}.first(devices));
    if (listening && watched[devices].revents != 0) questions().arrived();
  }
  if (sandbox_stop_requested && !stop_told) {
    stop_told = true;
    threads().shutdown_wanted = true;
  }
}

namespace {

/// Once libc has found the vDSO the kernel's own clock goes through it as well. (A trap may use it: the
/// signal frame holds every register.) Devices that are made from now on use the tender's ring.
[[gnu::constructor(101)]] void use_what_was_given() {
  if (entered != &sandbox_platform) return;
  target.monotonic = linux_monotonic;
  attached_frames().use(sandbox_ring);
}

}  // namespace

constinit const abi::platform sandbox_platform{
    .target = abi::target::sandbox,
    .monotonic = linux_monotonic,
    .wall = linux_wall,
    .wait = [](std::uint64_t deadline) noexcept { threads().block(deadline, true); },
    .shutdown_requested = []() noexcept { return sandbox_stop_requested != 0; },
    .fill_entropy = [](void* data, std::size_t size) noexcept { target.fill_entropy(data, size); },
    .network = [](const char* name) noexcept -> abi::net_device* { return attached_frames().find(name); },
    .note = [](const char* text, std::size_t size) noexcept { note({text, size}); },
    .question = [](char* out) noexcept { return questions().take(out); },
    .answer = answer,
};

}  // namespace aster::kernel
