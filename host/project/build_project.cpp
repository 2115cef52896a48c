#include "host/project/build_project.hpp"

#include <algorithm>
#include <charconv>
#include <format>
#include <fstream>
#include <utility>

#include "host/image/image.hpp"
#include "host/project/subprocess.hpp"

namespace aster::host {
namespace {

namespace fs = std::filesystem;

/// The value of a variable in a CMakeCache.txt; empty when it is not there.
std::string cached(const fs::path& build, std::string_view variable) {
  std::ifstream cache{build / "CMakeCache.txt"};
  const std::string prefix = std::string{variable} + ":";
  for (std::string line; std::getline(cache, line);) {
    if (!line.starts_with(prefix)) continue;
    const std::size_t equals = line.find('=');
    return equals == std::string::npos ? std::string{} : line.substr(equals + 1);
  }
  return {};
}

bool needs_configuring(const fs::path& build, const std::optional<fs::path>& asterism) {
  if (!fs::exists(build / "build.ninja")) return true;
  return asterism && cached(build, "Asterism_DIR") != asterism->string();
}

std::expected<void, std::string> configure(const build_request& request, const fs::path& build,
                                           const std::optional<fs::path>& asterism,
                                           const build_observer& observer) {
  observer.progress(0, 0, "Configuring");
  std::vector<std::string> words{"cmake", "-S", request.folder.string(), "-B", build.string(), "-G", "Ninja"};
  if (asterism) words.push_back("-DAsterism_DIR=" + asterism->string());
  if (!fs::exists(build / "CMakeCache.txt")) {
    // Only a first time: later the project's own choice stands.
    words.insert(words.end(), {"-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DCMAKE_C_COMPILER=clang-19",
                               "-DCMAKE_CXX_COMPILER=clang++-19", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
                               // Ninja takes the colours out again where nobody sees them.
                               "-DCMAKE_COLOR_DIAGNOSTICS=ON"});
  }
  // Progress ("-- …") is of no interest; what is not progress is a complaint.
  std::vector<std::string> complaints;
  const auto code = run_tool(words, {}, [&](std::string_view line) {
    if (request.verbose) {
      observer.diagnostic(line);
    } else if (!line.starts_with("-- ") && !(line.empty() && complaints.empty())) {
      complaints.emplace_back(line);
    }
  });
  if (!code) return std::unexpected{code.error()};
  for (const std::string& line : complaints) observer.diagnostic(line);
  if (*code != 0)
    return std::unexpected{std::format("{} cannot be configured; see above", request.folder.string())};
  return {};
}

/// `text` less its SGR sequences, "ESC [ … m", for recognising what it is.
std::string without_colours(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1b') {
      plain += text[i];
      continue;
    }
    i = std::min(text.find('m', i), text.size());
  }
  return plain;
}

}  // namespace

void ninja_output::line(std::string_view coloured) {
  const std::string text = without_colours(coloured);
  // "[3/17] Building CXX object …"
  if (text.starts_with('[')) {
    unsigned done = 0, all = 0;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data() + 1, end, done);
    if (first.ec == std::errc{} && first.ptr != end && *first.ptr == '/') {
      const auto second = std::from_chars(first.ptr + 1, end, all);
      if (second.ec == std::errc{} && end - second.ptr >= 2 && *second.ptr == ']') {
        command_follows_ = false;
        observer_.progress(done, all, std::string_view{second.ptr + 2, end});
        if (verbose_) observer_.diagnostic(coloured);
        return;
      }
    }
  }
  if (verbose_) return observer_.diagnostic(coloured);
  if (text.starts_with("-- ")) return;  // CMake, run again
  if (text.starts_with("ninja: ")) {
    // "Entering directory", "no work to do" and "build stopped" say nothing that we do not.
    if (text.contains("error:")) observer_.diagnostic(coloured);
    return;
  }
  if (text.starts_with("FAILED: ")) {
    command_follows_ = true;
    return;
  }
  if (std::exchange(command_follows_, false)) return;
  observer_.diagnostic(coloured);
}

std::optional<fs::path> find_asterism() {
  std::error_code ignored;
  const fs::path here = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const char* place : {"..", "../lib/cmake/Asterism"}) {
    const fs::path folder = (here / place).lexically_normal();
    if (fs::exists(folder / "AsterismConfig.cmake", ignored)) return fs::canonical(folder, ignored);
  }
  return std::nullopt;
}

std::vector<built_image> find_images(const fs::path& folder) {
  const fs::path build = folder / "build";
  std::vector<built_image> images;
  std::error_code error;
  auto walk = fs::recursive_directory_iterator{build, error};
  for (; !error && walk != fs::recursive_directory_iterator{}; walk.increment(error)) {
    if (walk->is_directory(error)) {
      const fs::path name = walk->path().filename();
      if (name == "CMakeFiles" || name == "_deps" || name == "Testing" || walk.depth() > 3)
        walk.disable_recursion_pending();
      continue;
    }
    const auto permissions = walk->status(error).permissions();
    if ((permissions & fs::perms::owner_exec) == fs::perms::none) continue;
    // A build folder may lie elsewhere or hold links: what counts is that the file is an image.
    if (const auto found = read_image(walk->path())) images.push_back({walk->path(), found->file_size});
  }
  const std::string project = cached(build, "CMAKE_PROJECT_NAME");
  std::ranges::sort(images, {}, [&](const built_image& image) {
    return std::pair{image.path.filename() != project, image.path};
  });
  return images;
}

std::expected<fs::path, std::string> find_project_image(const fs::path& folder) {
  const auto images = find_images(folder);
  const std::string where = folder == "." ? "this directory" : folder.string();
  if (images.empty()) {
    if (!fs::exists(folder / "CMakeLists.txt"))
      return std::unexpected{
          std::format("{} is no project; name an image, or make a project with 'aster new NAME'", where)};
    return std::unexpected{std::format("{} has no image yet; build it with 'aster build'", where)};
  }
  const bool is_named = images.front().path.filename() == cached(folder / "build", "CMAKE_PROJECT_NAME");
  if (images.size() == 1 || is_named) return images.front().path.lexically_normal();
  std::string names;
  for (const built_image& image : images) names += " " + image.path.lexically_normal().string();
  return std::unexpected{std::format("{} has several images; name one:{}", where, names)};
}

std::expected<std::vector<built_image>, std::string> build_project(const build_request& request,
                                                                   const build_observer& observer) {
  if (!fs::exists(request.folder / "CMakeLists.txt")) {
    return std::unexpected{std::format("{} has no CMakeLists.txt; make a project with 'aster new NAME'",
                                       request.folder == "." ? "this directory" : request.folder.string())};
  }
  const fs::path build = request.folder / "build";
  const auto asterism = find_asterism();
  if (needs_configuring(build, asterism)) {
    if (auto done = configure(request, build, asterism, observer); !done)
      return std::unexpected{done.error()};
  }

  ninja_output output{observer, request.verbose};
  std::vector<std::string> words{"ninja", "-C", build.string()};
  if (request.verbose) words.push_back("-v");
  std::vector<std::pair<std::string, std::string>> variables{{"NINJA_STATUS", "[%f/%t] "}};
  if (request.colours) variables.push_back({"CLICOLOR_FORCE", "1"});
  const auto code = run_tool(words, variables, [&](std::string_view line) { output.line(line); });
  if (!code) return std::unexpected{code.error()};
  if (*code != 0) return std::unexpected{std::string{"the build failed; see above"}};
  return find_images(request.folder);
}

}  // namespace aster::host
