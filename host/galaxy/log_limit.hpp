// Keeps the log of a running program from growing without end: the program writes on, to a file that begins
// anew.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace aster::host::galaxy {

inline constexpr std::uint64_t log_limit = 8u << 20;  // bytes

/// When the file is larger than `most`, copies it to FILE.1, in place of an older one, and empties it.
/// Whoever has it open for appending goes on at its beginning; what is written between the two steps, a few
/// microseconds, is lost. True when it was done.
bool limit_log(const std::filesystem::path& file, std::uint64_t most = log_limit);

/// The last line that a log has, at most 200 bytes of it, without what a terminal could take for orders;
/// empty when there is none.
std::string last_line(const std::filesystem::path& file);

}  // namespace aster::host::galaxy
