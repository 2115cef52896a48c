// Where running instances can be found: a folder of sockets that belongs to one user alone.
#pragma once
#include <expected>
#include <filesystem>
#include <string>

namespace aster::host {

/// $XDG_RUNTIME_DIR/asterism, or /tmp/asterism-UID where there is no such variable. It is made when it is
/// missing; it must be a folder of ours that nobody else may enter: in /tmp anybody could have made it
/// before. An error says what is wrong and the mend.
std::expected<std::filesystem::path, std::string> runtime_folder();

}  // namespace aster::host
