// The address of a Unix socket, whose path has to be short.
#pragma once
#include <sys/un.h>

#include <cstring>
#include <expected>
#include <filesystem>
#include <format>
#include <string>

namespace aster::host {

inline std::expected<sockaddr_un, std::string> unix_address(const std::filesystem::path& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string text = path.string();
  if (text.empty() || text.size() >= sizeof address.sun_path)
    return std::unexpected(
        std::format("{}: the name of a socket has at most {} bytes", text, sizeof address.sun_path - 1));
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

}  // namespace aster::host
