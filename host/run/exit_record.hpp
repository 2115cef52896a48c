// The exit code of an instance, left for who started it and may have ended meanwhile.
//
// It is there as a whole or not at all. An instance that was killed together with its `aster run` leaves
// none.
#pragma once
#include <expected>
#include <filesystem>
#include <optional>
#include <string>

namespace aster::host {

/// Replaces the file. The error is one line, without the file's name.
std::expected<void, std::string> write_exit_record(const std::filesystem::path& file, int code);

/// The code that was written; nothing when there is no such file, or no code in it.
std::optional<int> read_exit_record(const std::filesystem::path& file);

}  // namespace aster::host
