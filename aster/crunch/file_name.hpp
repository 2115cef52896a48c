// Which files of a directory are meant for the world: the generator and the development mode ask the same
// question.
#pragma once
#include <string_view>

namespace aster::crunch {

/// Whether a file or directory of that name is left out unless asked for: hidden ones (".git", ".env"), and
/// the copies that editors leave ("page.html~", "#page.html#", "page.html.swp", ".bak", ".orig", ".tmp").
constexpr bool is_left_out(std::string_view name) {
  if (name.starts_with('.') || name.ends_with('~')) return true;
  if (name.size() >= 2 && name.starts_with('#') && name.ends_with('#')) return true;
  for (const std::string_view ending : {".swp", ".swo", ".bak", ".orig", ".tmp"}) {
    if (name.ends_with(ending)) return true;
  }
  return false;
}

/// Whether `path` ("/css/style.css") names something below a directory that may be shown: begins with '/', no
/// part of it is empty, "..", or left out, and no byte is zero.
constexpr bool is_servable(std::string_view path) {
  if (!path.starts_with('/') || path.contains('\0')) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view part = path.substr(0, path.find('/'));
    if (part.empty() || is_left_out(part)) return false;
    path.remove_prefix(part.size());
  }
  return true;
}

}  // namespace aster::crunch
