#include "host/run/runtime_folder.hpp"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <format>

namespace aster::host {

std::expected<std::filesystem::path, std::string> runtime_folder() {
  const char* const given = getenv("XDG_RUNTIME_DIR");
  const std::filesystem::path folder =
      given != nullptr && given[0] == '/' ? std::filesystem::path(given) / "asterism"
                                          : std::filesystem::path(std::format("/tmp/asterism-{}", geteuid()));
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(std::format("{} cannot be made: {}; set XDG_RUNTIME_DIR to a folder of yours",
                                       folder.string(), std::strerror(errno)));
  }
  struct stat status{};
  // Not through a link, which could lead anywhere.
  if (lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
      (status.st_mode & 0077) != 0) {
    return std::unexpected(
        std::format("{} is not a folder of yours alone; remove it, or set XDG_RUNTIME_DIR", folder.string()));
  }
  return folder;
}

}  // namespace aster::host
