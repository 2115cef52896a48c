// Images as they were when they were deployed: a project is built again in the same place, and an instance
// that is started again, or a version that is wanted back, must be what it was.
#pragma once
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "host/galaxy/rollout.hpp"

namespace aster::host::galaxy {

class image_shelf {
 public:
  /// `folder` is there.
  explicit image_shelf(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Copies an image, unless it is there already; `told` is how people know it. An error, of one line, when
  /// it is none that can be an instance of a service (`network_device_of`).
  std::expected<image_version, std::string> put(const std::filesystem::path& image,
                                                const std::string& told) const;
  /// Removes all that are not in use.
  void keep_only(const std::vector<std::string>& files) const;

 private:
  std::filesystem::path folder_;
};

/// The name of its device on the galaxy's network: its only one, or `service`.
std::expected<std::string, std::string> network_device_of(const std::filesystem::path& image);

}  // namespace aster::host::galaxy
