// `aster build`: CMake and Ninja, with the compiler that images need, and a voice that a person follows.
//
// A project is an ordinary CMake project; whoever prefers `cmake` and an IDE needs none of this.
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aster::host {

/// Told while a build goes on.
struct build_observer {
  std::function<void(unsigned done, unsigned all, std::string_view step)> progress;
  std::function<void(std::string_view line)> diagnostic;  // what compiler, linker or CMake complain of
};

struct build_request {
  std::filesystem::path folder;  // where CMakeLists.txt lies; built in its subfolder build/
  bool verbose = false;          // every line of the tools is a diagnostic
  bool colours = false;          // the tools may colour what they say
};

struct built_image {
  std::filesystem::path path;
  std::uint64_t size;  // bytes
};

/// Builds the project and returns its images, the project's own first. The error is one line; what led to it
/// has gone to the observer.
std::expected<std::vector<built_image>, std::string> build_project(const build_request& request,
                                                                   const build_observer& observer);

/// The folder of the AsterismConfig.cmake that this program came with: installed, or in its build tree.
std::optional<std::filesystem::path> find_asterism();

/// The images below the folder's build/, the one named like the project first, the others by name.
std::vector<built_image> find_images(const std::filesystem::path& folder);

/// The image that `aster run` means in that folder: the only one, or the one named like the project.
std::expected<std::filesystem::path, std::string> find_project_image(const std::filesystem::path& folder);

/// What a line of Ninja's output is.
class ninja_output {
 public:
  explicit ninja_output(const build_observer& observer, bool verbose)
      : observer_{observer}, verbose_{verbose} {}
  void line(std::string_view text);

 private:
  const build_observer& observer_;
  bool verbose_;
  bool command_follows_ = false;  // behind "FAILED: …" stands the command, which nobody wants to read
};

}  // namespace aster::host
