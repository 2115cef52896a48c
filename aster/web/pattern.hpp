// What a route's text says: the parts of the path, and the parameters of the query.
//
//   /links/{id}               a literal and a capture
//   /files/{path...}          the rest of the path, however long
//   /search?{q}&{page?}&{tag*}   one `q`, at most one `page`, any number of `tag`
//
// Read by the compiler; at run time only the result is there.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aster::web {

enum class part_kind : std::uint8_t {
  literal,   // this text
  capture,   // one segment, not empty
  rest,      // everything that follows, with its slashes; may be empty
  required,  // a parameter of the query that must be there
  optional,  // one that may be there
  repeated,  // one that may be there several times
};

struct pattern_part {
  part_kind kind = part_kind::literal;
  std::string_view text;  // of a literal, or the name
};

/// A route, parsed. `parts` are the segments of the path, then the parameters of the query. "/" has no
/// segment; a path that ends with '/' has an empty literal as its last.
struct pattern {
  static constexpr std::size_t most_parts = 16;

  std::array<pattern_part, most_parts> parts{};
  std::size_t segments = 0;
  std::size_t parameters = 0;
  const char* error = nullptr;  // what is wrong with the text; null for a good one

  constexpr std::size_t size() const { return segments + parameters; }
  constexpr bool ends_with_slash() const {
    return segments > 0 && parts[segments - 1].kind == part_kind::literal && parts[segments - 1].text.empty();
  }
  /// Segments and parameters that have a value.
  constexpr std::size_t values() const {
    std::size_t n = 0;
    for (std::size_t i = 0; i < size(); ++i) n += parts[i].kind != part_kind::literal;
    return n;
  }
  /// The part that has value number `index`.
  constexpr const pattern_part& valued(std::size_t index) const {
    std::size_t i = 0;
    for (;; ++i)
      if (parts[i].kind != part_kind::literal && index-- == 0) return parts[i];
  }
};

namespace detail {

constexpr bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// pchar of RFC 3986 §3.3 without what would need encoding: a literal is compared with decoded text.
constexpr bool is_literal_char(char c) {
  return is_name_char(c) || std::string_view{".~!$&'()*+,;=:@"}.contains(c);
}

constexpr const char* check_name(std::string_view name) {
  if (name.empty()) return "a capture has a name: {id}";
  for (const char c : name)
    if (!is_name_char(c)) return "a capture's name has letters, digits, '_' and '-'";
  return nullptr;
}

constexpr const char* read_segment(std::string_view text, pattern_part& part) {
  if (!text.starts_with('{')) {
    for (const char c : text)
      if (!is_literal_char(c))
        return c == '{' || c == '}' ? "a capture is a whole segment: /{id}/, not /x{id}/"
                                    : "a path is written without percent-encoding, spaces and controls";
    part = {part_kind::literal, text};
    return nullptr;
  }
  if (!text.ends_with('}')) return "a capture is a whole segment and ends with '}'";
  std::string_view name = text.substr(1, text.size() - 2);
  part.kind = part_kind::capture;
  if (name.ends_with("...")) {
    part.kind = part_kind::rest;
    name.remove_suffix(3);
  }
  part.text = name;
  return check_name(name);
}

constexpr const char* read_parameter(std::string_view text, pattern_part& part) {
  if (!text.starts_with('{') || !text.ends_with('}') || text.size() < 3)
    return "a parameter of the query is {name}, {name?} or {name*}";
  std::string_view name = text.substr(1, text.size() - 2);
  part.kind = part_kind::required;
  if (name.ends_with('?')) part.kind = part_kind::optional;
  if (name.ends_with('*')) part.kind = part_kind::repeated;
  if (part.kind != part_kind::required) name.remove_suffix(1);
  part.text = name;
  return check_name(name);
}

/// Calls `read` for each piece between separators.
template <class Read>
constexpr const char* each_piece(std::string_view text, char separator, Read read) {
  for (;;) {
    const std::size_t end = text.find(separator);
    if (const char* const error = read(text.substr(0, end), end == std::string_view::npos)) return error;
    if (end == std::string_view::npos) return nullptr;
    text.remove_prefix(end + 1);
  }
}

}  // namespace detail

/// Parses a route's text. Whether it is one is in `error`.
constexpr pattern parse_pattern(std::string_view text) {
  pattern result;
  const auto add = [&](pattern_part part) -> const char* {
    if (result.size() == pattern::most_parts) return "a route has at most 16 segments and parameters";
    for (std::size_t i = 0; i < result.size(); ++i)
      if (part.kind != part_kind::literal && result.parts[i].kind != part_kind::literal &&
          result.parts[i].text == part.text)
        return "a route names each capture once";
    result.parts[result.size()] = part;
    return nullptr;
  };
  // The first '?' that is not part of a capture begins the query.
  std::size_t question = 0;
  for (int depth = 0; question < text.size(); ++question) {
    if (text[question] == '{') ++depth;
    if (text[question] == '}') --depth;
    if (text[question] == '?' && depth == 0) break;
  }
  std::string_view path = text.substr(0, question);
  if (!path.starts_with('/')) {
    result.error = "a route begins with '/'";
    return result;
  }
  path.remove_prefix(1);
  if (!path.empty())
    result.error = detail::each_piece(path, '/', [&](std::string_view segment, bool last) -> const char* {
      pattern_part part;
      if (const char* const error = detail::read_segment(segment, part)) return error;
      if (part.kind == part_kind::literal && part.text.empty() && !last) return "a segment is not empty";
      if (part.kind == part_kind::literal && (part.text == "." || part.text == ".."))
        return "'.' and '..' are not segments";
      if (part.kind == part_kind::rest && !last) return "{name...} is the last segment";
      if (const char* const error = add(part)) return error;
      ++result.segments;
      return nullptr;
    });
  if (result.error != nullptr || question == text.size()) return result;
  result.error = detail::each_piece(text.substr(question + 1), '&', [&](std::string_view parameter, bool) {
    pattern_part part;
    const char* error = detail::read_parameter(parameter, part);
    if (error == nullptr) error = add(part);
    if (error == nullptr) ++result.parameters;
    return error;
  });
  return result;
}

/// Whether every path that matches one matches the other: the same literals in the same places.
constexpr bool same_shape(const pattern& a, const pattern& b) {
  if (a.segments != b.segments) return false;
  for (std::size_t i = 0; i < a.segments; ++i) {
    if (a.parts[i].kind != b.parts[i].kind) return false;
    if (a.parts[i].kind == part_kind::literal && a.parts[i].text != b.parts[i].text) return false;
  }
  return true;
}

}  // namespace aster::web
