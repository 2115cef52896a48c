// std::random_device asks the platform, in place of libc++'s that reads a file: a read is a system call of libc,
// which in the sandbox means a signal, a call to Linux and the way back, 2 µs for four bytes.
//
// Numbers are drawn 64 at a time and wiped as they are given out, so that memory shown later tells none of the past.
// A plain process draws each by itself: it may fork, or run threads at the same time. On the other targets neither
// exists, and no thread loses the CPU while it draws.
#include <cerrno>
#include <random>
#include <string>
#include <system_error>
#include <utility>

#include "abi/platform.hpp"

namespace {

constexpr unsigned drawn_at_once = 64;
unsigned drawn[drawn_at_once];
unsigned left = 0;

}  // namespace

std::random_device::random_device(const std::string& token) : __f_(-1) {
  if (token == "/dev/urandom" || token == "/dev/random") return;
  throw std::system_error(ENOENT, std::generic_category(), "random_device failed to open " + token);
}

std::random_device::~random_device() = default;

std::random_device::result_type std::random_device::operator()() {
  const aster::abi::platform& platform = aster::abi::current_platform();
  if (platform.target == aster::abi::target::process) {
    result_type number;
    platform.fill_entropy(&number, sizeof number);
    return number;
  }
  if (left == 0) {
    platform.fill_entropy(drawn, sizeof drawn);
    left = drawn_at_once;
  }
  return std::exchange(drawn[--left], 0);
}

double std::random_device::entropy() const noexcept { return 32; }
