// The platform (abi/platform.hpp) of a program of the host: its own process, its own descriptors, no devices.
#include "abi/platform.hpp"

#include <signal.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <tuple>

#include "host/fibers/event_poll.hpp"

namespace aster::host {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

struct state {
  sigset_t waiting_mask{};
  volatile sig_atomic_t stop = 0;
  bool stop_told = false;  // one wait has ended because of it
};
constinit state self;

std::int64_t clock_of(clockid_t which) noexcept {
  timespec now;
  clock_gettime(which, &now);
  return static_cast<std::int64_t>(now.tv_sec) * static_cast<std::int64_t>(second) + now.tv_nsec;
}

std::uint64_t monotonic() noexcept { return static_cast<std::uint64_t>(clock_of(CLOCK_MONOTONIC)); }

void wait(std::uint64_t deadline) noexcept {
  const bool at_once = self.stop && !self.stop_told;
  self.stop_told = self.stop != 0;
  const std::uint64_t now = deadline == abi::never ? 0 : monotonic();
  const std::uint64_t left = deadline > now && !at_once ? deadline - now : 0;
  const timespec timeout{static_cast<time_t>(left / second), static_cast<long>(left % second)};
  event_poll::own().wait(deadline == abi::never && !at_once ? nullptr : &timeout, self.waiting_mask);
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

void note(const char* text, std::size_t size) noexcept {
  // One write, so that lines of several programs on one terminal do not mix.
  std::array<char, 1024> line;
  size = std::min(size, line.size() - 1);
  std::memcpy(line.data(), text, size);
  line[size] = '\n';
  std::ignore = write(2, line.data(), size + 1);
}

const abi::platform& make() noexcept {
  // What ends the program is let in where it waits alone, so that it cannot fall between a look and the
  // sleep.
  struct sigaction action{};
  action.sa_handler = [](int) { self.stop = 1; };
  sigset_t stops;
  sigemptyset(&stops);
  for (const int signal : {SIGTERM, SIGINT}) {
    struct sigaction before{};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;  // by whoever started us: so be it
    sigaction(signal, &action, nullptr);
    sigaddset(&stops, signal);
  }
  sigprocmask(SIG_BLOCK, &stops, &self.waiting_mask);
  for (const int signal : {SIGTERM, SIGINT}) sigdelset(&self.waiting_mask, signal);
  signal(SIGPIPE, SIG_IGN);
  static constexpr abi::platform table{
      .target = abi::target::process,
      .monotonic = monotonic,
      .wall = []() noexcept { return clock_of(CLOCK_REALTIME); },
      .wait = wait,
      .shutdown_requested = []() noexcept { return self.stop != 0; },
      .fill_entropy = fill_entropy,
      .network = [](const char*) noexcept -> abi::net_device* { return nullptr; },
      .note = note,
      .question = [](char*) noexcept { return std::size_t{0}; },
      .answer = [](const char*, std::size_t) noexcept {},
  };
  return table;
}

}  // namespace
}  // namespace aster::host

namespace aster::abi {

const platform& current_platform() noexcept {
  static const platform& table = host::make();
  return table;
}

void set_fiber_names(const fiber_names&) noexcept {}  // a panic of the host's programs is a core dump

}  // namespace aster::abi
