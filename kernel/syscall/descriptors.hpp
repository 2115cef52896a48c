// What descriptors stand for: the console on 0, 1 and 2, and the few device files that programs open for entropy or
// silence (files.cpp). There is no other file.
#pragma once
#include <cstdint>

namespace aster::kernel {

enum class descriptor_kind : std::uint8_t { closed, console, entropy, null, zero };

descriptor_kind kind_of(std::uint64_t descriptor) noexcept;

/// Whether a read of the console would not wait: there is input, or its end. What was looked at is kept for the
/// next read.
bool console_readable() noexcept;

}  // namespace aster::kernel
