// The words with which an instance is started, and what it is told in secret.
#pragma once
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "host/galaxy/action.hpp"
#include "host/galaxy/folders.hpp"

namespace aster::host::galaxy {

struct start_command {
  std::vector<std::string> words;  // "aster run …", as anybody on the machine can read them
  std::string secrets;             // NAME=VALUE, each ended by a NUL byte
};

/// `device`: the image's network device. `base`: the folder of galaxy.toml. Reads the secrets' files; an
/// error names the one that cannot be read, is too large, or has a NUL byte in it. One line feed at a file's
/// end is none of the secret's.
std::expected<start_command, std::string> command_of(const action::start& what, std::string_view galaxy,
                                                     const std::string& device, const folders& places,
                                                     const std::filesystem::path& base);

}  // namespace aster::host::galaxy
