// `aster new`: a folder with a project that builds, runs and has a test.
#pragma once
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace aster::host {

enum class project_template { hello, server, web };

struct project_file {
  std::filesystem::path path;  // relative to the project's folder
  std::string content;
};

/// Nothing when `name` can be a folder, a CMake target and a file: 1 to 64 letters, digits, '-', '_' that
/// begin with a letter, and not a name that CMake or the build keep for themselves. Else what is wrong with
/// it.
std::expected<void, std::string> check_project_name(std::string_view name);

/// The files of a new project of that name.
std::vector<project_file> project_files(project_template kind, std::string_view name);

/// Writes the project into the new folder `parent/name`. Refuses when something of that name is there; leaves
/// nothing behind when it fails. The error is one line with cause and mend.
std::expected<void, std::string> make_project(project_template kind, const std::filesystem::path& parent,
                                              std::string_view name);

}  // namespace aster::host
