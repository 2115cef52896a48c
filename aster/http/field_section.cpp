#include "aster/http/field_section.hpp"

#include <cstdint>

namespace aster::http {

progress field_section::read_line(std::string_view window, std::size_t& position) {
  ended_ = false;
  std::size_t at = position;
  if (at == window.size()) return progress::incomplete;

  if (window[at] == '\r') {
    if (at + 1 == window.size()) return progress::incomplete;
    if (window[at + 1] != '\n') return fail(status::bad_request);
    position = at + 2;
    ended_ = true;
    return progress::complete;
  }

  // A line that begins with a blank is not a token: that refuses obs-fold (RFC 9112 §5.2) and blanks before
  // the first field (§2.2). A blank before the colon is no token either (§5.1).
  const std::size_t name_end = find_token_end(window, at);
  if (name_end == window.size()) return progress::incomplete;
  if (name_end == at || window[name_end] != ':') return fail(status::bad_request);
  const auto name = static_cast<std::uint16_t>(at);
  const auto name_size = static_cast<std::uint16_t>(name_end - at);

  at = name_end + 1;
  while (at < window.size() && is_blank(window[at])) ++at;
  const std::size_t line_end = find_control(window, at);
  if (line_end == window.size()) return progress::incomplete;
  if (window[line_end] != '\r') return fail(status::bad_request);  // a bare LF, a NUL, …
  if (line_end + 1 == window.size()) return progress::incomplete;
  if (window[line_end + 1] != '\n') return fail(status::bad_request);  // a bare CR
  std::size_t value_end = line_end;
  while (value_end > at && is_blank(window[value_end - 1])) --value_end;

  if (spans_.size() == limit_) return fail(status::request_header_fields_too_large);
  spans_.push_back(
      {name, name_size, static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(value_end - at)});
  position = line_end + 2;
  return progress::complete;
}

}  // namespace aster::http
