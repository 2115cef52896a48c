#include "aster/http/response_parser.hpp"

#include <algorithm>

#include "aster/http/grammar.hpp"

namespace aster::http {

void response_parser::reset(bool to_head) {
  head_ = {};
  fields_.reset(limits_.fields);
  framing_ = {};
  position_ = 0;
  step_ = step::status_line;
  to_head_ = to_head;
}

progress response_parser::parse(std::string_view input) {
  // As of requests: no verdict may depend on bytes that another split would not have shown.
  const std::string_view window = input.substr(0, std::min<std::size_t>(limits_.head, 0xffff));
  for (;;) {
    progress line = progress::failed;
    switch (step_) {
      case step::status_line: line = parse_status_line(window); break;
      case step::fields: line = parse_field(window); break;
      case step::complete: return progress::complete;
      case step::failed: return progress::failed;
    }
    if (line == progress::complete) continue;
    if (line == progress::incomplete && window.size() == input.size() && window.size() < limits_.head)
      return progress::incomplete;
    step_ = step::failed;
    return progress::failed;
  }
}

/// HTTP-version SP status-code SP [ reason-phrase ] CRLF (RFC 9112 §4). The blank before an absent phrase is
/// left out by some servers, and means nothing else.
progress response_parser::parse_status_line(std::string_view window) {
  constexpr std::string_view pattern = "HTTP/1.# ###";  // '#' stands for a digit
  const std::string_view start = window.substr(0, pattern.size());
  for (std::size_t i = 0; i < start.size(); ++i)
    if (pattern[i] == '#' ? !is_digit(start[i]) : start[i] != pattern[i]) return progress::failed;
  if (window.size() <= pattern.size()) return progress::incomplete;
  if (window[pattern.size()] != ' ' && window[pattern.size()] != '\r') return progress::failed;

  const std::size_t reason = pattern.size() + (window[pattern.size()] == ' ' ? 1 : 0);
  const std::size_t end = find_control(window, reason);
  if (end == window.size()) return progress::incomplete;
  if (window[end] != '\r') return progress::failed;
  if (end + 1 == window.size()) return progress::incomplete;
  if (window[end + 1] != '\n') return progress::failed;

  const int number = (start[9] - '0') * 100 + (start[10] - '0') * 10 + (start[11] - '0');
  if (number < 100 || number > 599) return progress::failed;
  head_.status = static_cast<status>(number);
  head_.minor_version = start[7] == '0' ? 0 : 1;
  reason_at_ = static_cast<std::uint16_t>(reason);
  reason_size_ = static_cast<std::uint16_t>(end - reason);
  position_ = end + 2;
  step_ = step::fields;
  return progress::complete;
}

progress response_parser::parse_field(std::string_view window) {
  if (const progress line = fields_.read_line(window, position_); line != progress::complete) return line;
  if (!fields_.ended())
    return framing_.understand(fields_.last(window.data())) ? progress::complete : progress::failed;
  if (!finish(window)) return progress::failed;
  step_ = step::complete;
  return progress::complete;
}

/// The end of the head: where the body ends, by the list of RFC 9112 §6.3.
bool response_parser::finish(std::string_view window) {
  if (!framing_.finish(head_.minor_version)) return false;
  head_.keep_alive = framing_.keeps_alive(head_.minor_version);
  head_.content_length = framing_.content_length();
  if (to_head_ || has_no_body(head_.status)) {
    head_.framing = framing::none;
  } else if (framing_.framing() == framing::none) {
    head_.framing = framing::until_close;
    head_.keep_alive = false;
  } else {
    head_.framing = framing_.framing();
  }
  head_.reason = window.substr(reason_at_, reason_size_);
  head_.fields = fields_.list(window.data());
  return true;
}

}  // namespace aster::http
