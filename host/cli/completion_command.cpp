// aster completion
#include <print>

#include "host/cli/completion.hpp"
#include "host/cli/perform.hpp"

namespace aster::host::cli {

int perform(const completion_command& c) {
  const auto commands = describe_commands();
  if (c.shell == "bash") std::print("{}", bash_completion(commands));
  if (c.shell == "zsh") std::print("{}", zsh_completion(commands));
  if (c.shell == "fish") std::print("{}", fish_completion(commands));
  return 0;
}

}  // namespace aster::host::cli
