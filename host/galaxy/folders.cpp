#include "host/galaxy/folders.hpp"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <format>

namespace aster::host::galaxy {

namespace {

namespace fs = std::filesystem;

/// The variable's folder, when it names one as it has to: absolutely.
fs::path given(const char* variable) {
  const char* const value = getenv(variable);
  return value != nullptr && value[0] == '/' ? fs::path(value) : fs::path{};
}

/// Makes a folder that nobody else may look into, or finds one.
std::expected<void, std::string> make_own(const fs::path& folder, const char* variable) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(std::format("{} cannot be made: {}; set {} to a folder of yours", folder.string(),
                                       std::strerror(errno), variable));
  }
  struct stat status{};
  // Not through a link, which could lead anywhere.
  if (lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
      (status.st_mode & 0077) != 0) {
    return std::unexpected(std::format("{} is not a folder of yours alone (mode 0700); remove it, or set {}",
                                       folder.string(), variable));
  }
  return {};
}

}  // namespace

folders folders_of(std::string_view galaxy) {
  fs::path runtime = given("XDG_RUNTIME_DIR");
  runtime = runtime.empty() ? fs::path(std::format("/tmp/asterism-{}-galaxies", geteuid()))
                            : runtime / "asterism-galaxies";
  fs::path state = given("XDG_STATE_HOME");
  if (state.empty()) {
    const fs::path home = given("HOME");
    state = (home.empty() ? fs::path("/var/lib") : home / ".local" / "state");
  }
  return {runtime / galaxy, state / "asterism" / galaxy};
}

std::expected<folders, std::string> make_folders(std::string_view galaxy) {
  folders all = folders_of(galaxy);
  std::error_code error;
  fs::create_directories(all.state.parent_path().parent_path(), error);
  for (const auto& [folder, variable] : {std::pair{all.runtime.parent_path(), "XDG_RUNTIME_DIR"},
                                         {all.runtime, "XDG_RUNTIME_DIR"},
                                         {all.state.parent_path(), "XDG_STATE_HOME"},
                                         {all.state, "XDG_STATE_HOME"},
                                         {all.logs(), "XDG_STATE_HOME"},
                                         {all.images(), "XDG_STATE_HOME"}}) {
    if (const auto made = make_own(folder, variable); !made) return std::unexpected(made.error());
  }
  return all;
}

}  // namespace aster::host::galaxy
