// What the tender takes away from its own process before the image's first instruction: descriptors, signals,
// privileges and, last, system calls.
#pragma once
#include <expected>
#include <span>

#include "abi/sandbox.hpp"
#include "host/sandbox/complaint.hpp"
#include "host/sandbox/image_layout.hpp"

namespace aster::host::sandbox {

/// A complaint about one of the descriptors given.
struct descriptor_complaint {
  int descriptor;
  complaint reason;
};

/// Moves the descriptors to the numbers that the filter knows (abi/sandbox.hpp) and closes all others but the
/// standard three. `control` is -1 where there is none. Devices become non-blocking.
std::expected<void, descriptor_complaint> settle_descriptors(int control, std::span<const int> devices);

/// Lets faults, SIGTERM and trapped system calls reach the image. SIGTERM stays blocked until the image
/// unblocks it in `ppoll`, so that none is lost between its check and its sleep.
std::expected<void, complaint> install_handlers(const abi::sandbox_boot& boot, const image_layout& layout);

/// No core dumps, no new privileges, and no debugger unless `debug`.
std::expected<void, complaint> shed_privileges(bool debug);

/// From the return of this on, the filter holds. `traced`: the one that hides no call from strace.
std::expected<void, complaint> install_filter(bool traced);

}  // namespace aster::host::sandbox
