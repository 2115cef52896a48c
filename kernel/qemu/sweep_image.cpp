// For machines_test.py: never sleeps, and looks at its devices until it is asked to stop.
#include <cstdio>

#include "abi/platform.hpp"

int main() {
  const auto& platform = aster::abi::current_platform();
  platform.wait(platform.monotonic());  // the first look switches the button on: q35 drops a press before that
  std::puts("sweeping");
  std::fflush(stdout);
  while (!platform.shutdown_requested()) platform.wait(platform.monotonic());
  return 0;
}
