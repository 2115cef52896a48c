// What a memory fault means, in words: null pointer, stack overflow, write to code, execution of data.
#pragma once
#include <cstdint>

#include "kernel/text.hpp"

namespace aster::kernel {

enum class access : std::uint8_t { read, write, execute };

/// Describes an access to `address` that the page tables forbade, by a context with stack pointer `rsp`.
/// `mapped` says whether something lies there (then its protection was what forbade it).
void describe_fault(text_line& out, std::uint64_t address, std::uint64_t rsp, access kind, bool mapped) noexcept;

}  // namespace aster::kernel
