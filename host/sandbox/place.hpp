// Puts an image and the room that it works in into the tender's own address space, at random places.
#pragma once
#include <cstdint>
#include <expected>

#include "abi/boot_line.hpp"
#include "abi/sandbox.hpp"
#include "host/sandbox/complaint.hpp"
#include "host/sandbox/image_layout.hpp"

namespace aster::host::sandbox {

/// Maps the segments of the open file privately at a random base and returns the base.
///
/// 34 bits of entropy: any page from 16 to 80 TiB, which neither this program's own mappings nor the
/// kernel's choice for `mmap` can be near to.
std::expected<std::uint64_t, complaint> place_image(int file, const image_layout& layout,
                                                    std::uint64_t random);

/// What an image works in. One mapping each, with guard pages between the parts.
struct workplace {
  abi::sandbox_boot* boot = nullptr;  // zeroed but for the fields of stack, signal stack, memory and budget
  char* boot_line = nullptr;          // abi::boot_line_limit bytes
};

/// Reserves memory for `budget` bytes at a random page, and makes the stacks and the boot structure.
std::expected<workplace, complaint> make_workplace(std::uint64_t budget, std::uint64_t random);

}  // namespace aster::host::sandbox
