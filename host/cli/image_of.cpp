// Which image a command means.
#include "host/cli/perform.hpp"
#include "host/project/build_project.hpp"

namespace aster::host::cli {

std::expected<std::filesystem::path, std::string> image_of(
    const std::optional<std::filesystem::path>& named) {
  if (named) return *named;
  return find_project_image(".");
}

}  // namespace aster::host::cli
