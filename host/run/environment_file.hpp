// Variables of the environment from a file, so that they stand in no list of arguments, which all users of a
// machine can read.
//
//   aster run --env-file secrets.env …        NAME=VALUE on each line; empty ones and those with # are left
//   out aster run --env-file /dev/fd/3 …          … or each ended by a NUL byte, as env -0 writes them: then
//   a value
//                                             may have lines
#pragma once
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace aster::host {

/// NAME=VALUE each. The error is one line, without the file's name and without anything of its content.
std::expected<std::vector<std::string>, std::string> read_environment_file(const std::filesystem::path& file);

}  // namespace aster::host
