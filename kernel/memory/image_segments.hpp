// The image's own segments as ranges of the address space, so that protections of them are checked too.
#pragma once
#include "kernel/memory/address_space.hpp"

namespace aster::kernel {

/// Adds every PT_LOAD segment at its place in memory, with the protection that the ELF header gives it.
void add_image_segments(address_space& space) noexcept;

}  // namespace aster::kernel
