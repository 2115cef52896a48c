#include "host/run/answer_line.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "abi/boot_line.hpp"

namespace aster::host {
namespace {

std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

bool is_name(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

std::string_view answer_line::operator[](std::string_view name) const {
  const auto found =
      std::ranges::find(values, name, [](const auto& v) -> std::string_view { return v.first; });
  return found == values.end() ? std::string_view{} : found->second;
}

std::uint64_t answer_line::number(std::string_view name) const {
  std::uint64_t value = 0;
  const std::string_view text = (*this)[name];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

std::optional<answer_line> parse_answer_line(std::string_view line) {
  answer_line result;
  result.kind = take_word(line);
  if (!is_name(result.kind)) return std::nullopt;
  while (!line.empty()) {
    const std::string_view part = take_word(line);
    const std::size_t equals = part.find('=');
    if (equals == part.npos || !is_name(part.substr(0, equals))) return std::nullopt;
    const std::string_view encoded = part.substr(equals + 1);
    std::string value(encoded.size(), '\0');
    const auto size = abi::percent_decode(encoded, value.data(), value.size());
    if (!size) return std::nullopt;
    value.resize(*size);
    result.values.emplace_back(part.substr(0, equals), std::move(value));
  }
  return result;
}

}  // namespace aster::host
