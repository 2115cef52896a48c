// What a Content-Type says (RFC 9110 §8.3): a type, and parameters behind it.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "aster/http/grammar.hpp"

namespace aster::web {

/// The type without its parameters, as it is written: "application/json".
constexpr std::string_view essence(std::string_view field) {
  return http::trim(field.substr(0, field.find(';')));
}

constexpr bool is_media_type(std::string_view field, std::string_view type) {
  return http::equals_ignoring_case(essence(field), type);
}

/// application/json, and what is based on it (RFC 6839 §3.1): application/ld+json.
constexpr bool is_json_type(std::string_view field) {
  const std::string_view type = essence(field);
  return http::equals_ignoring_case(type, "application/json") ||
         (type.size() > 5 && type.contains('/') &&
          http::equals_ignoring_case(type.substr(type.size() - 5), "+json"));
}

/// Takes the next `;name=value` off the parameters of a field; the value without its quotes. Blanks may stand
/// around the semicolon, nowhere else (RFC 9110 §5.6.6). False at the end, and when what follows is none:
/// then something is left of `rest`.
bool next_parameter(std::string_view& rest, std::string_view& name, std::string& value);

/// The value of one parameter of a media type; nothing when it is not there, is there twice, or is behind
/// something that is no parameter.
std::optional<std::string> parameter_of(std::string_view field, std::string_view name);

}  // namespace aster::web
