// What each command does. All return the exit code: 0, or 1 after one line on standard error; `run` the
// image's own, or 125 when it was not started.
#pragma once
#include <string_view>

#include "host/cli/command_line.hpp"

namespace aster::host::cli {

int perform(const new_command& c);
int perform(const build_command& c);
int perform(const run_command& c);
int perform(const crunch_command& c);
int perform(const inspect_command& c);
int perform(const stats_command& c);
int perform(const symbolize_command& c);
int perform(const up_command& c);
int perform(const down_command& c);
int perform(const ps_command& c);
int perform(const logs_command& c);
int perform(const events_command& c);
int perform(const restart_command& c);
int perform(const scale_command& c);
int perform(const deploy_command& c);
int perform(const rollback_command& c);
int perform(const exec_console_command& c);
int perform(const daemon_command& c);
int perform(const version_command& c);
int perform(const completion_command& c);

/// The image that was named, or that of the project in the current directory; the error is one line.
std::expected<std::filesystem::path, std::string> image_of(const std::optional<std::filesystem::path>& named);

/// Prints "aster: TEXT" to standard error and returns `code`.
int complain(std::string_view text, int code = 1);

}  // namespace aster::host::cli
