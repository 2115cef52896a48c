#include "aster/json/write.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>

#include "aster/json/utf8.hpp"

namespace aster::json {
namespace {

constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/// Length of the run of bytes at the front that stand for themselves. Looks at eight a step.
std::size_t plain_run(std::string_view text) {
  constexpr std::uint64_t ones = ~std::uint64_t{0} / 0xff, highs = ones * 0x80;
  std::size_t i = 0;
  for (; text.size() - i >= 8; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    // A byte that is zero, or below 0x20, borrows from its own high bit. False alarms only make it slower.
    const std::uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    if (((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & highs) != 0) break;
  }
  while (i < text.size() && is_plain(text[i])) ++i;
  return i;
}

void append_control(std::string& to, char c) {
  switch (c) {
    case '"': to += "\\\""; return;
    case '\\': to += "\\\\"; return;
    case '\b': to += "\\b"; return;
    case '\f': to += "\\f"; return;
    case '\n': to += "\\n"; return;
    case '\r': to += "\\r"; return;
    case '\t': to += "\\t"; return;
    default: {
      constexpr std::string_view digits = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      to += "\\u00";
      to += digits[byte >> 4];
      to += digits[byte & 15];
    }
  }
}

template <class Number>
void append_floating(std::string& to, Number number) {
  if (!std::isfinite(number)) {
    to += "null";
    return;
  }
  std::array<char, 32> digits;
  to.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

}  // namespace

void append_string(std::string& to, std::string_view text) {
  to += '"';
  for (;;) {
    const std::size_t run = plain_run(text);
    to.append(text.data(), run);
    text.remove_prefix(run);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      append_control(to, text.front());
      text.remove_prefix(1);
    } else if (const std::size_t size = character_size(text); size != 0) {
      to.append(text.data(), size);
      text.remove_prefix(size);
    } else {
      to += "\xef\xbf\xbd";
      text.remove_prefix(1);
    }
  }
  to += '"';
}

void append_number(std::string& to, double number) { append_floating(to, number); }
void append_number(std::string& to, float number) { append_floating(to, number); }

}  // namespace aster::json
