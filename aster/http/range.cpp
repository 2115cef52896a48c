#include "aster/http/range.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "aster/http/grammar.hpp"

namespace aster::http {
namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

/// 1*DIGIT off the front; a number too large for its type is the largest, which is beyond every end as well.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint64_t value = 0;
  while (!text.empty() && is_digit(text.front())) {
    const auto digit = static_cast<std::uint64_t>(text.front() - '0');
    value = value > (largest - digit) / 10 ? largest : value * 10 + digit;
    text.remove_prefix(1);
  }
  return value;
}

enum class spec : std::uint8_t { malformed, satisfiable, unsatisfiable, all_of_nothing };

/// int-range or suffix-range (RFC 9110 §14.1.1, §14.1.2).
spec read_spec(std::string_view text, std::uint64_t size, byte_range& part) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    const auto length = take_number(text);
    if (!length || !text.empty()) return spec::malformed;
    if (*length == 0) return spec::unsatisfiable;
    if (size == 0) return spec::all_of_nothing;
    part.size = std::min(*length, size);
    part.first = size - part.size;
    return spec::satisfiable;
  }
  const auto first = take_number(text);
  if (!first || !text.starts_with('-')) return spec::malformed;
  text.remove_prefix(1);
  std::uint64_t last = largest;
  if (!text.empty()) {
    const auto given = take_number(text);
    if (!given || !text.empty() || *given < *first) return spec::malformed;
    last = *given;
  }
  if (*first >= size) return spec::unsatisfiable;
  part = {*first, std::min(last, size - 1) - *first + 1};
  return spec::satisfiable;
}

void append_number(std::string& to, std::uint64_t value) {
  std::array<char, 20> digits;
  to.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

}  // namespace

selected_ranges select_ranges(std::string_view value, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  selected_ranges result;
  const auto all = [] { return selected_ranges{}; };
  if (!equals_ignoring_case(value.substr(0, unit.size()), unit)) return all();
  value.remove_prefix(unit.size());
  std::size_t asked = 0;
  std::string_view element;
  for (bool more = true; next_element(value, more, element);) {
    if (element.empty()) continue;
    byte_range part;
    const spec kind = read_spec(element, size, part);
    if (kind == spec::malformed || kind == spec::all_of_nothing) return all();
    if (++asked > selected_ranges::most) return all();
    if (kind == spec::unsatisfiable) continue;
    for (const byte_range& other : result.parts())
      if (part.first < other.end() && other.first < part.end()) return all();
    result.parts_[result.count_++] = part;
  }
  if (asked == 0) return all();
  result.outcome = result.count_ > 0 ? range_outcome::partial : range_outcome::unsatisfiable;
  return result;
}

selected_ranges select_ranges(const field_list& fields, std::uint64_t size) {
  std::optional<std::string_view> only;
  for (const auto [name, value] : fields) {
    if (!equals_ignoring_case(name, "range")) continue;
    if (only) return {};
    only = value;
  }
  return only ? select_ranges(*only, size) : selected_ranges{};
}

std::string content_range(const byte_range& part, std::uint64_t size) {
  std::string text{"bytes "};
  append_number(text, part.first);
  text += '-';
  append_number(text, part.end() - 1);
  text += '/';
  append_number(text, size);
  return text;
}

std::string content_range_unsatisfied(std::uint64_t size) {
  std::string text{"bytes */"};
  append_number(text, size);
  return text;
}

std::string multipart_ranges::media_type() const {
  return std::string{"multipart/byteranges; boundary="}.append(boundary_);
}

std::string multipart_ranges::separator(std::size_t index) const {
  std::string text{index == 0 ? "--" : "\r\n--"};
  text.append(boundary_);
  if (index == parts_.size()) return text.append("--\r\n");
  text.append("\r\n");
  if (!type_.empty()) text.append("Content-Type: ").append(type_).append("\r\n");
  return text.append("Content-Range: ").append(content_range(parts_[index], size_)).append("\r\n\r\n");
}

std::uint64_t multipart_ranges::body_size() const {
  std::uint64_t size = separator(parts_.size()).size();
  for (std::size_t i = 0; i < parts_.size(); ++i) size += separator(i).size() + parts_[i].size;
  return size;
}

}  // namespace aster::http
