// A tool of the build, run with its output read line by line.
#pragma once
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace aster::host {

/// Runs `words[0]`, looked up on PATH, with no standard input, and hands each line of its output (both
/// streams, in order, without the newline) to `line` as it comes. Returns its exit code, 128 and the signal
/// when one ended it; the error says why it could not be started. `variables` are set in its environment
/// besides ours. Blocks until it has ended. Ctrl-C reaches it too, being in the same process group.
std::expected<int, std::string> run_tool(std::span<const std::string> words,
                                         std::span<const std::pair<std::string, std::string>> variables,
                                         const std::function<void(std::string_view)>& line);

}  // namespace aster::host
