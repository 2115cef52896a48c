// For machines_test.py: never sleeps, and looks at its devices until it is asked to stop.
#include <cstdio>

#include "abi/platform.hpp"

int main() {
  const auto& platform = aster::abi::current_platform();
  std::puts("sweeping");
  std::fflush(stdout);
  while (!platform.shutdown_requested()) platform.wait(platform.monotonic());
  return 0;
}
