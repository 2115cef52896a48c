// Turns addresses in an image into functions and lines of source: what makes a panic readable.
//
// Debug information lies in the side file `NAME.debug` that `asterism_image` writes next to the image (or in
// the image itself, when it was not stripped). Code without any, such as the C library's, still gets its
// function's name from the side file's symbols.
//
//   const std::uint64_t offsets[] = {0x8d0a1};
//   for (const frame& f : symbolize("build/hello", offsets)) std::println("{} {}:{}", f.function, f.file,
//   f.line);
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aster::host {

struct frame {
  std::uint64_t offset = 0;  // as asked for
  std::string function{};    // demangled; empty when unknown
  std::string file{};        // as the compiler was given it; empty when unknown
  unsigned line = 0;         // 0 when unknown
  unsigned column = 0;       // 0 when unknown
  bool inlined = false;      // into the function of the frame that follows
};

/// Looks up offsets from the image's base, in their order: for each one its frame, preceded by those of the
/// functions that the compiler inlined there, innermost first. A return address points behind its call: pass
/// it less one to get the call's line. Where nothing is known, or the image cannot be read, there is one
/// frame with the offset alone. A side file of another build is ignored, by its build id.
std::vector<frame> symbolize(const std::filesystem::path& image, std::span<const std::uint64_t> offsets);

/// `name` as the source has it: demangled when it is mangled C++, and without the names that libc++ versions
/// its ABI by.
std::string demangle(std::string_view name);

/// A type's name as the source has it, from the one that std::type_info gives ("St13runtime_error", "i").
/// What is no such name, or one that would grow beyond reason, stays as it is.
std::string demangle_type(std::string_view name);

/// "function at file:line:column", as far as it is known; "image+0x1234" when nothing is.
std::string to_string(const frame& f);

}  // namespace aster::host
