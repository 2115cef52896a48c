// The platform of a plain Linux process without devices, for the unit tests of this room.
#include <poll.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "abi/platform.hpp"

namespace aster::abi {
namespace {

std::uint64_t monotonic() noexcept {
  timespec t;
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(t.tv_nsec);
}

std::int64_t wall() noexcept {
  timespec t;
  ::clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

void wait(std::uint64_t deadline) noexcept {
  const std::uint64_t now = monotonic();
  const std::uint64_t left = deadline > now ? deadline - now : 0;
  const timespec t{.tv_sec = static_cast<time_t>(left / 1'000'000'000),
                   .tv_nsec = static_cast<long>(left % 1'000'000'000)};
  ::ppoll(nullptr, 0, deadline == never ? nullptr : &t, nullptr);
}

bool shutdown_requested() noexcept { return false; }

void fill_entropy(void* data, std::size_t size) noexcept { static_cast<void>(::getrandom(data, size, 0)); }

net_device* network(const char*) noexcept { return nullptr; }

void note(const char* text, std::size_t size) noexcept {
  static_cast<void>(::write(2, text, size) + ::write(2, "\n", 1));
}

constexpr platform table{.target = target::process,
                         .monotonic = monotonic,
                         .wall = wall,
                         .wait = wait,
                         .shutdown_requested = shutdown_requested,
                         .fill_entropy = fill_entropy,
                         .network = network,
                         .note = note};

}  // namespace

const platform& current_platform() noexcept { return table; }
void set_fiber_names(const fiber_names&) noexcept {}

}  // namespace aster::abi
