#include "aster/web/url.hpp"

#include "aster/http/grammar.hpp"

namespace aster::web {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || http::is_digit(c) || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

void append_encoded(std::string& to, std::string_view text, url_part part) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  // A segment of dots would be taken for a step in the tree. Encoded it is none to our router, but browsers
  // resolve it all the same (WHATWG URL §4.1): a type for captures had better have no dots, as `slug` has.
  const bool is_dots = part == url_part::segment && (text == "." || text == "..");
  for (const char c : text) {
    if ((is_unreserved(c) && !is_dots) || (c == '/' && part == url_part::path)) {
      to += c;
    } else if (c == ' ' && part == url_part::parameter) {
      to += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      to += '%';
      to += digits[byte >> 4];
      to += digits[byte & 15];
    }
  }
}

std::optional<std::string> decode(std::string_view text, url_part part) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && part == url_part::parameter) {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      if (text.size() - i < 3) return std::nullopt;
      const int high = http::hex_value(text[i + 1]), low = http::hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      result += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return result;
}

bool next_pair(std::string_view& rest, std::string_view& name, std::string_view& value) {
  while (rest.starts_with('&')) rest.remove_prefix(1);
  if (rest.empty()) return false;
  const std::string_view pair = rest.substr(0, rest.find('&'));
  rest.remove_prefix(pair.size());
  const std::size_t equals = pair.find('=');
  name = pair.substr(0, equals);
  value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
  return true;
}

}  // namespace aster::web
