// The call chain of a context, found from the image's own unwind tables.
#pragma once
#include <cstdint>

#include "kernel/registers.hpp"

namespace aster::kernel {

/// Calls `each` with the address of the code of every frame, innermost first, at most 64. Works on a best
/// effort: a ruined stack ends it early. Runs on the caller's stack and needs about 4 KiB of it.
void unwind(const registers& at, void (*each)(std::uint64_t address, void* context) noexcept,
            void* context) noexcept;

/// The same from where it is called: its own frame comes first.
void unwind_here(void (*each)(std::uint64_t address, void* context) noexcept, void* context) noexcept;

}  // namespace aster::kernel
