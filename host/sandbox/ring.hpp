// The ring by which an image reads and writes many frames in one system call (abi::sandbox_ring).
//
// An io_uring can do nearly everything that system calls can, past any filter. This one cannot: before
// anything may be submitted, Linux is told (IORING_REGISTER_RESTRICTIONS) that its entries may read and
// write, and only registered files, which are the devices; and that nothing else may be registered, ever. The
// filter then lets an image enter it and nothing more.
#pragma once
#include <cstddef>

#include "abi/sandbox.hpp"

namespace aster::host::sandbox {

/// Makes it abi::ring_descriptor, for `devices` devices at their descriptors, and says in `out` where it
/// lies. Where Linux does not allow that, and without devices, `out` stays as it is and no descriptor is left
/// open.
void make_ring(std::size_t devices, abi::sandbox_ring& out);

}  // namespace aster::host::sandbox
