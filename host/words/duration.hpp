// Spans of time, as people write and read them.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace aster::host {

/// "250ms", "5s", "2m", "1h": a whole number and its unit. Nothing when it is malformed, or longer than a
/// year.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The same form, in the largest unit that needs no fraction: "90s", "2m".
std::string to_duration_text(std::chrono::milliseconds span);

}  // namespace aster::host
