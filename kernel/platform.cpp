#include "abi/platform.hpp"

#include "kernel/platform.hpp"
#include "kernel/target.hpp"

namespace aster::kernel {
constinit abi::fiber_names fibers;
constinit const abi::platform* entered = nullptr;
}  // namespace aster::kernel

namespace aster::abi {

const platform& current_platform() noexcept {
  // No entry of ours was taken: Linux itself started the image.
  return kernel::entered ? *kernel::entered : kernel::process_platform();
}

void set_fiber_names(const fiber_names& names) noexcept {
  const bool starts = names.tick && !kernel::fibers.tick;
  kernel::fibers = names;
  if (starts && kernel::target.start_tick) kernel::target.start_tick(kernel::tick_period);
}

}  // namespace aster::abi
