#include "abi/platform.hpp"

#include "kernel/platform.hpp"

namespace aster::kernel {
constinit abi::fiber_names fibers;
constinit const abi::platform* entered = nullptr;
}  // namespace aster::kernel

namespace aster::abi {

const platform& current_platform() noexcept {
  // No entry of ours was taken: Linux itself started the image.
  return kernel::entered ? *kernel::entered : kernel::process_platform();
}

void set_fiber_names(const fiber_names& names) noexcept { kernel::fibers = names; }

}  // namespace aster::abi
