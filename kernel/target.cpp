#include "kernel/target.hpp"

namespace aster::kernel {
constinit target_operations target{};
constinit image_extent image{};
}  // namespace aster::kernel
