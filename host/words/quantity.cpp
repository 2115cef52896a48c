#include "host/words/quantity.hpp"

#include <charconv>
#include <format>

namespace aster::host {

std::optional<std::uint64_t> parse_memory(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number == 0) return std::nullopt;
  std::string_view unit{end, text.data() + text.size()};
  int shift = 20;
  if (!unit.empty()) {
    switch (unit.front()) {
      case 'k':
      case 'K': shift = 10; break;
      case 'm':
      case 'M': shift = 20; break;
      case 'g':
      case 'G': shift = 30; break;
      default: return std::nullopt;
    }
    unit.remove_prefix(1);
    if (!unit.empty() && unit != "B" && unit != "b" && unit != "iB") return std::nullopt;
  }
  if (number > (std::uint64_t{1} << (63 - shift)) - 1) return std::nullopt;
  return number << shift;
}

std::string to_bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return std::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  for (const char* unit : {"KB", "MB", "GB", "TB"}) {
    value /= 1000;
    // Each format as long as its rounding does not need a digit more.
    if (value < 9.995) return std::format("{:.2f} {}", value, unit);
    if (value < 99.95) return std::format("{:.1f} {}", value, unit);
    if (value < 999.5) return std::format("{:.0f} {}", value, unit);
  }
  return std::format("{:.0f} TB", value);
}

}  // namespace aster::host
