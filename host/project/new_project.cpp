#include "host/project/new_project.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>
#include <fstream>

namespace aster::host {
namespace {

// The templates are files like any other, so that they can be read and edited as such.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char hello_main[] = {
#embed "templates/hello/main.cpp"
};
constexpr char hello_cmake[] = {
#embed "templates/hello/CMakeLists.txt"
};
constexpr char hello_readme[] = {
#embed "templates/hello/README.md"
};
constexpr char presets[] = {
#embed "templates/hello/CMakePresets.json"
};
constexpr char ignored_files[] = {
#embed "templates/hello/gitignore"
};
constexpr char server_main[] = {
#embed "templates/server/main.cpp"
};
constexpr char server_site[] = {
#embed "templates/server/site.hpp"
};
constexpr char server_test[] = {
#embed "templates/server/test.cpp"
};
constexpr char server_cmake[] = {
#embed "templates/server/CMakeLists.txt"
};
constexpr char server_readme[] = {
#embed "templates/server/README.md"
};
constexpr char web_main[] = {
#embed "templates/web/main.cpp"
};
constexpr char web_site[] = {
#embed "templates/web/site.hpp"
};
constexpr char web_test[] = {
#embed "templates/web/test.cpp"
};
constexpr char web_cmake[] = {
#embed "templates/web/CMakeLists.txt"
};
constexpr char web_readme[] = {
#embed "templates/web/README.md"
};
#pragma clang diagnostic pop

template <std::size_t Size>
std::string filled(const char (&content)[Size], std::string_view name) {
  std::string text{content, Size};
  constexpr std::string_view mark = "@NAME@";
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += name.size())
    text.replace(at, mark.size(), name);
  return text;
}

}  // namespace

std::expected<void, std::string> check_project_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_allowed = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (name.empty() || name.size() > 64 || !is_letter(name.front()) ||
      !std::ranges::all_of(name, is_allowed)) {
    return std::unexpected{
        std::format("'{}' cannot be a project's name; use letters, digits, '-' and '_', a letter first, as "
                    "in 'my-server'",
                    name)};
  }
  // Names of targets and folders that CMake and the build make themselves.
  constexpr std::string_view taken[] = {"all",        "ALL_BUILD", "build",   "clean",   "CMakeFiles",
                                        "edit_cache", "help",      "install", "package", "rebuild_cache",
                                        "test",       "Testing",   "tests"};
  if (std::ranges::contains(taken, name) || name.starts_with("aster_") || name.starts_with("aster-")) {
    return std::unexpected{std::format(
        "'{}' cannot be a project's name: the build uses it itself; choose another, as in 'my-{}'", name,
        name)};
  }
  return {};
}

std::vector<project_file> project_files(project_template kind, std::string_view name) {
  std::vector<project_file> files{{".gitignore", filled(ignored_files, name)},
                                  {"CMakePresets.json", filled(presets, name)}};
  switch (kind) {
    case project_template::hello:
      files.push_back({"CMakeLists.txt", filled(hello_cmake, name)});
      files.push_back({"README.md", filled(hello_readme, name)});
      files.push_back({"main.cpp", filled(hello_main, name)});
      break;
    case project_template::server:
      files.push_back({"CMakeLists.txt", filled(server_cmake, name)});
      files.push_back({"README.md", filled(server_readme, name)});
      files.push_back({"main.cpp", filled(server_main, name)});
      files.push_back({"site.hpp", filled(server_site, name)});
      files.push_back({"test.cpp", filled(server_test, name)});
      break;
    case project_template::web:
      files.push_back({"CMakeLists.txt", filled(web_cmake, name)});
      files.push_back({"README.md", filled(web_readme, name)});
      files.push_back({"main.cpp", filled(web_main, name)});
      files.push_back({"site.hpp", filled(web_site, name)});
      files.push_back({"test.cpp", filled(web_test, name)});
      break;
  }
  return files;
}

std::expected<void, std::string> make_project(project_template kind, const std::filesystem::path& parent,
                                              std::string_view name) {
  if (auto good = check_project_name(name); !good) return good;
  const std::filesystem::path folder = parent == "." ? std::filesystem::path{name} : parent / name;
  std::error_code error;
  if (!std::filesystem::create_directory(folder, error)) {
    if (!error)
      return std::unexpected{
          std::format("{} is there already; choose another name, or remove it", folder.string())};
    return std::unexpected{std::format("{} cannot be made: {}", folder.string(), error.message())};
  }
  for (const project_file& file : project_files(kind, name)) {
    std::ofstream out{folder / file.path, std::ios::binary};
    out << file.content;
    out.close();
    if (!out) {
      const std::string cause = std::strerror(errno);
      std::filesystem::remove_all(folder, error);
      return std::unexpected{std::format("{} cannot be written: {}", (folder / file.path).string(), cause)};
    }
  }
  return {};
}

}  // namespace aster::host
