// Which image each service of a declaration runs now, and a name for it and all that an instance starts with:
// when that name changes, the service has to be deployed anew.
#pragma once
#include <expected>
#include <filesystem>
#include <map>
#include <string>

#include "host/galaxy/declaration.hpp"
#include "host/galaxy/image_shelf.hpp"
#include "host/galaxy/keeper.hpp"

namespace aster::host::galaxy {

/// The image that `named` means: a file, or the folder of a project that was built. The error is one line.
std::expected<std::filesystem::path, std::string> image_at(const std::filesystem::path& named);

/// By the service's name, or "edge".
struct declared_images {
  std::map<std::string, declared_image> found;
  std::map<std::string, std::string> missing;  // why, one line each
};

/// Puts the image of each service, and of the edge, on the shelf. `base`: the folder of galaxy.toml.
declared_images images_of(const declaration& what, const std::filesystem::path& base,
                          const image_shelf& shelf);

/// Names image, target, memory, share, port, arguments, environment, secrets and network. (Secrets by what
/// they are now: the name tells nothing of them.)
std::string identity_of(const service& how, const image_version& image, const std::filesystem::path& base);

}  // namespace aster::host::galaxy
