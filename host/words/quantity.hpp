// Amounts of memory and of bytes, as people write and read them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aster::host {

/// Bytes of "8" (MiB), "512K", "8M", "1G", also with a trailing "B" or "iB" and in lower case. Nothing when
/// it is malformed, zero or 2^63 and more.
std::optional<std::uint64_t> parse_memory(std::string_view text);

/// "812 B", "74 KB", "1.42 MB": decimal units, three digits at most, as file sizes are shown.
std::string to_bytes_text(std::uint64_t bytes);

}  // namespace aster::host
