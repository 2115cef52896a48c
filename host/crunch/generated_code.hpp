// A crunched folder as C++: NAME.hpp declares, NAME.cpp places the bytes of NAME.bin by `.incbin`.
//
// The bytes are copied to NAME.bin rather than taken from where the files lie: so the sizes and digests in
// the header are those of the bytes in the image, whoever edits a file while the compiler runs.
#pragma once
#include <expected>
#include <filesystem>
#include <span>
#include <string>

#include "host/crunch/crunched_folder.hpp"

namespace aster::host::crunch {

struct generated_code {
  std::string header, source, bytes;  // the contents of NAME.hpp, NAME.cpp, NAME.bin
};

/// Depends on `folder` alone: neither on where it lay nor on the time.
generated_code generate(const crunched_folder& folder);

/// A rule for Make and Ninja by which `target` is made again when one of `sources` changes.
std::string depfile(const std::filesystem::path& target, std::span<const std::filesystem::path> sources);

}  // namespace aster::host::crunch
