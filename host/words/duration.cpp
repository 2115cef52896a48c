#include "host/words/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <format>
#include <ranges>

namespace aster::host {

namespace {

struct unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array units{unit{"ms", 1}, unit{"s", 1000}, unit{"m", 60'000}, unit{"h", 3'600'000}};
constexpr std::int64_t longest = std::int64_t{366} * 24 * 3'600'000;

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || number < 0 || text.starts_with('-')) return std::nullopt;
  for (const unit& u : units) {
    if (std::string_view{rest, end} != u.name) continue;
    if (number > longest / u.milliseconds) return std::nullopt;
    return std::chrono::milliseconds{number * u.milliseconds};
  }
  return std::nullopt;
}

std::string to_duration_text(std::chrono::milliseconds span) {
  const std::int64_t number = span.count();
  if (number == 0) return "0s";
  for (const unit& u : units | std::views::reverse)
    if (number % u.milliseconds == 0) return std::format("{}{}", number / u.milliseconds, u.name);
  return std::format("{}ms", number);  // not reached: every number is whole in the smallest unit
}

}  // namespace aster::host
