// Scripts that teach a shell to complete the `aster` command, made from its declaration.
#pragma once
#include <span>
#include <string>

#include "host/cli/command_line.hpp"

namespace aster::host::cli {

std::string bash_completion(std::span<const command_description> commands);
std::string zsh_completion(std::span<const command_description> commands);
std::string fish_completion(std::span<const command_description> commands);

}  // namespace aster::host::cli
