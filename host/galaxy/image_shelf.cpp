#include "host/galaxy/image_shelf.hpp"

#include <algorithm>
#include <format>
#include <fstream>
#include <sstream>

#include "host/crunch/digest.hpp"
#include "host/image/image.hpp"

namespace aster::host::galaxy {

namespace fs = std::filesystem;

std::expected<std::string, std::string> network_device_of(const fs::path& file) {
  const auto image = read_image(file);
  if (!image) return std::unexpected(image.error().text);
  if (image->devices.empty())
    return std::unexpected(
        std::format("{} has no network; a service's image needs a net::device", file.string()));
  if (image->devices.size() == 1) return image->devices.front().name;
  if (image->find_device("service") != nullptr) return "service";
  return std::unexpected(std::format(
      "{} has several devices, and none of them is called `service`, as that of the galaxy's network is",
      file.string()));
}

std::expected<image_version, std::string> image_shelf::put(const fs::path& image,
                                                           const std::string& told) const {
  if (const auto device = network_device_of(image); !device) return std::unexpected(device.error());
  std::ifstream in{image, std::ios::binary};
  std::stringstream all;
  all << in.rdbuf();
  const std::string content = std::move(all).str();
  if (!in || content.empty()) return std::unexpected(std::format("{} cannot be read", image.string()));
  const fs::path folder = folder_ / crunch::hex(crunch::digest_of(content)).substr(0, 32);
  const fs::path file = folder / image.filename();
  std::error_code error;
  if (fs::file_size(file, error) == content.size() && !error) return image_version{told, file.string()};
  fs::create_directories(folder, error);
  // Whoever finds the file finds all of it.
  const fs::path half = folder / ".new";
  {
    std::ofstream out{half, std::ios::binary | std::ios::trunc};
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.close();
    if (!out) {
      fs::remove(half, error);
      return std::unexpected(std::format("{} cannot be written; is the disk full?", half.string()));
    }
  }
  fs::permissions(half, fs::perms::owner_all, error);
  fs::rename(half, file, error);
  if (error) return std::unexpected(std::format("{}: {}", file.string(), error.message()));
  // Of use when it panics; without it a panic has no names.
  const fs::path names = image.string() + ".debug";
  std::error_code ignored;
  if (fs::exists(names, ignored)) {
    fs::create_hard_link(names, file.string() + ".debug", ignored);
    if (ignored) fs::create_symlink(fs::absolute(names), file.string() + ".debug", ignored);
  }
  return image_version{told, file.string()};
}

void image_shelf::keep_only(const std::vector<std::string>& files) const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{folder_, ignored}) {
    const bool used = std::ranges::any_of(
        files, [&](const std::string& file) { return fs::path(file).parent_path() == entry.path(); });
    if (!used) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace aster::host::galaxy
