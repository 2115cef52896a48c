// For machines_test.py: never sleeps, and looks at its devices until it is asked to stop. It begins with it when there
// is something on the console; before that it does not even look.
#include <poll.h>

#include <cstdio>

#include "abi/platform.hpp"

int main() {
  const auto& platform = aster::abi::current_platform();
  pollfd console{.fd = 0, .events = POLLIN, .revents = 0};
  poll(&console, 1, 0);
  std::puts("busy");
  std::fflush(stdout);
  while (poll(&console, 1, 0) == 0) {}
  platform.wait(platform.monotonic());
  std::puts("sweeping");
  std::fflush(stdout);
  while (!platform.shutdown_requested()) platform.wait(platform.monotonic());
  return 0;
}
