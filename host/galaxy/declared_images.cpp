#include "host/galaxy/declared_images.hpp"

#include <format>
#include <fstream>
#include <sstream>

#include "host/crunch/digest.hpp"
#include "host/project/build_project.hpp"
#include "host/run/child.hpp"

namespace aster::host::galaxy {

namespace fs = std::filesystem;

namespace {

std::string digest_of_file(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::stringstream all;
  all << in.rdbuf();
  return in ? crunch::digest_of(all.str()) : "?";
}

}  // namespace

std::expected<fs::path, std::string> image_at(const fs::path& named) {
  std::error_code ignored;
  if (fs::is_directory(named, ignored)) return find_project_image(named);
  return named;
}

std::string identity_of(const service& how, const image_version& image, const fs::path& base) {
  // Each part with its length, so that no two lists of parts read alike.
  std::string all;
  const auto add = [&](std::string_view part) { all += std::format("{}:{};", part.size(), part); };
  add(image.file);
  add(to_string(how.target));
  add(std::format("{} {} {} {}", how.memory, how.processor_share.value_or(0), how.port, how.reaches_world));
  for (const std::string& a : how.arguments) add("a" + a);
  for (const std::string& e : how.environment) add("e" + e);
  for (const std::string& d : how.devices) add("d" + d);
  for (const secret& s : how.secrets)
    add("s" + s.variable + "=" + digest_of_file(s.file.is_absolute() ? s.file : base / s.file));
  return crunch::hex(crunch::digest_of(all)).substr(0, 32);
}

declared_images images_of(const declaration& what, const fs::path& base, const image_shelf& shelf) {
  declared_images all;
  const auto add = [&](const service& how, const fs::path& named, const std::string& told) {
    const auto file = image_at(named);
    const auto put = file ? shelf.put(*file, told) : std::unexpected(file.error());
    if (put)
      all.found[how.name] = {*put, identity_of(how, *put, base)};
    else
      all.missing[how.name] = put.error();
  };
  for (const service& s : what.services) {
    const fs::path& named = s.image.empty() ? s.source : s.image;
    add(s, named.is_absolute() ? named : base / named, named.string());
  }
  service edge;
  edge.name = "edge";
  edge.memory = what.front.memory;
  if (!what.front.source.empty()) {
    const fs::path& named = what.front.source;
    add(edge, named.is_absolute() ? named : base / named, named.string());
  } else if (const auto own = find_own_program("aster-edge")) {
    add(edge, *own, "the edge that comes with Asterism");
  } else {
    all.missing["edge"] = own.error();
  }
  return all;
}

}  // namespace aster::host::galaxy
