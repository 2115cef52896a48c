// The platform of an image that Linux itself started: `./hello`, gdb, perf, the sanitizers.
#include "kernel/platform.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>

#include <span>

#include "kernel/boot_options.hpp"
#include "kernel/frames/frame_devices.hpp"
#include "kernel/linux_clock.hpp"
#include "kernel/panic.hpp"
#include "kernel/questions.hpp"
#include "kernel/target.hpp"

namespace aster::kernel {
namespace {

struct state {
  sigset_t waiting_mask{};
  volatile sig_atomic_t stop = 0;
  bool stop_told = false;  // one wait has ended because of it
};
constinit state self;

void wait(std::uint64_t deadline) noexcept {
  pollfd watched[abi::device_limit + 1];
  const std::size_t devices = attached_frames().watch(watched);
  std::size_t count = devices;
  const bool listening = questions().is_watched();
  if (listening) watched[count++] = {options().control, POLLIN, 0};
  const bool at_once = self.stop && !self.stop_told;
  self.stop_told = self.stop != 0;
  const std::uint64_t now = deadline == abi::never ? 0 : linux_monotonic();
  const std::uint64_t left = deadline > now && !at_once ? deadline - now : 0;
  const timespec timeout{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
  // SIGTERM is blocked but for the inside of this call, so that it cannot fall between test and sleep.
  if (ppoll(watched, count, deadline == abi::never && !at_once ? nullptr : &timeout, &self.waiting_mask) >
      0) {
    attached_frames().polled(std::span{watched}.first(devices));
    if (listening && watched[devices].revents != 0) questions().arrived();
  }
}

void fill_entropy(void* data, std::size_t size) noexcept {
  auto* out = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t n = getrandom(out, size, 0);
    if (n <= 0) continue;  // EINTR
    out += n;
    size -= static_cast<std::size_t>(n);
  }
}

const abi::platform& make() noexcept {
  struct sigaction action{};
  action.sa_handler = [](int) { self.stop = 1; };
  sigset_t stops;
  sigemptyset(&stops);
  for (const int signal : {SIGTERM, SIGINT}) {
    sigaction(signal, &action, nullptr);
    sigaddset(&stops, signal);
  }
  sigprocmask(SIG_BLOCK, &stops, &self.waiting_mask);
  static constexpr abi::platform table{
      .target = abi::target::process,
      .monotonic = linux_monotonic,
      .wall = linux_wall,
      .wait = wait,
      .shutdown_requested = []() noexcept { return self.stop != 0; },
      .fill_entropy = fill_entropy,
      .network = [](const char* name) noexcept -> abi::net_device* { return attached_frames().find(name); },
      .note = [](const char* text, std::size_t size) noexcept { note({text, size}); },
      .question = [](char* out) noexcept { return questions().take(out); },
      .answer = answer,
  };
  return table;
}

}  // namespace

const abi::platform& process_platform() noexcept {
  static const abi::platform& table = make();
  return table;
}

}  // namespace aster::kernel
