#include "aster/http/request_parser.hpp"

#include <algorithm>
#include <utility>

namespace aster::http {
namespace {

constexpr std::size_t method_limit = 32;      // the longest registered method has 17 characters
constexpr std::uint8_t empty_line_limit = 4;  // before a request line; RFC 9112 §2.2 asks for at least one

/// What may stand in a request target. RFC 3986 has fewer characters; browsers send some more of the visible
/// ones in queries (WHATWG URL §1.3), and no one of them can end a line. A '#' is never sent.
constexpr bool is_target_char(char c) { return c > ' ' && c < 0x7f && c != '#'; }

/// uri-host [ ":" port ] (RFC 9110 §7.2); empty where the target has no authority.
bool is_authority(std::string_view text) {
  std::size_t at = 0;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    for (char c : text.substr(1, end - 1))
      if (hex_value(c) < 0 && c != ':' && c != '.') return false;
    at = end + 1;
  } else {
    while (at < text.size() && text[at] != ':') {
      const char c = text[at++];
      const bool is_name = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           std::string_view{"-._~%!$&'()*+,;="}.contains(c);
      if (!is_name) return false;
    }
    if (at == 0 && !text.empty()) return false;  // a port alone
  }
  if (at == text.size()) return true;
  if (text[at++] != ':') return false;
  unsigned port = 0;
  for (; at < text.size(); ++at) {
    if (!is_digit(text[at])) return false;
    port = port * 10 + static_cast<unsigned>(text[at] - '0');
    if (port > 65535) return false;
  }
  return true;
}

}  // namespace

void request_parser::reset() {
  head_ = {};
  fields_.reset(limits_.fields);
  position_ = 0;
  step_ = step::request_line;
  empty_lines_ = 0;
  framing_ = {};
  has_host_ = false;
}

progress request_parser::parse(std::string_view input) {
  // Offsets are 16 bits wide, and no verdict may depend on bytes that another split would not have shown.
  const std::string_view window = input.substr(0, std::min<std::size_t>(limits_.head, 0xffff));
  for (;;) {
    progress line = progress::failed;
    switch (step_) {
      case step::request_line: line = parse_request_line(window); break;
      case step::fields: line = parse_field(window); break;
      case step::complete: return progress::complete;
      case step::failed: return progress::failed;
    }
    switch (line) {
      case progress::complete: break;
      case progress::incomplete:
        if (window.size() == input.size() && window.size() < limits_.head) return progress::incomplete;
        failure_ = status::request_header_fields_too_large;
        [[fallthrough]];
      case progress::failed: step_ = step::failed; return progress::failed;
    }
  }
}

/// method SP request-target SP HTTP-version CRLF (RFC 9112 §3), with exactly these blanks.
progress request_parser::parse_request_line(std::string_view window) {
  while (position_ < window.size() && window[position_] == '\r') {
    if (position_ + 1 == window.size()) return progress::incomplete;
    if (window[position_ + 1] != '\n' || ++empty_lines_ > empty_line_limit) return fail(status::bad_request);
    position_ += 2;
  }

  std::size_t at = position_;
  const std::size_t method_end = find_token_end(window.substr(0, at + method_limit + 1), at);
  if (method_end - at > method_limit) return fail(status::not_implemented);
  if (method_end == window.size()) return progress::incomplete;
  if (method_end == at || window[method_end] != ' ') return fail(status::bad_request);
  method_at_ = static_cast<std::uint16_t>(at);
  method_size_ = static_cast<std::uint16_t>(method_end - at);

  at = method_end + 1;
  const std::size_t target_bound = std::min(window.size(), at + limits_.target + 1);
  std::size_t target_end = at;
  while (target_end < target_bound && is_target_char(window[target_end])) ++target_end;
  if (target_end - at > limits_.target) return fail(status::uri_too_long);
  if (target_end == window.size()) return progress::incomplete;
  if (target_end == at || window[target_end] != ' ') return fail(status::bad_request);
  target_at_ = static_cast<std::uint16_t>(at);
  target_size_ = static_cast<std::uint16_t>(target_end - at);

  constexpr std::string_view pattern = "HTTP/#.#\r\n";  // '#' stands for a digit
  const std::string_view version = window.substr(target_end + 1, pattern.size());
  for (std::size_t i = 0; i < version.size(); ++i)
    if (pattern[i] == '#' ? !is_digit(version[i]) : version[i] != pattern[i])
      return fail(status::bad_request);
  if (version.size() < pattern.size()) return progress::incomplete;
  if (version[5] != '1') return fail(status::http_version_not_supported);
  head_.minor_version = version[7] == '0' ? 0 : 1;

  head_.method_text = window.substr(method_at_, method_size_);
  head_.method = to_method(head_.method_text);
  head_.target = window.substr(target_at_, target_size_);
  if (!understand_target()) return progress::failed;
  position_ = target_end + 1 + pattern.size();
  step_ = step::fields;
  return progress::complete;
}

/// The four forms of RFC 9112 §3.2; sets path, query and, from the absolute form, host.
bool request_parser::understand_target() {
  std::string_view rest = head_.target;
  head_.host = {};
  if (head_.method == method::connect) return refuse(status::not_implemented);  // this is not a proxy
  if (rest == "*") {
    if (head_.method != method::options) return refuse(status::bad_request);
    head_.path = rest;
    return true;
  }
  if (rest.front() != '/') {
    const std::size_t scheme = rest.find("://");
    if (scheme == std::string_view::npos) return refuse(status::bad_request);
    const std::string_view name = rest.substr(0, scheme);
    if (!equals_ignoring_case(name, "http") && !equals_ignoring_case(name, "https"))
      return refuse(status::bad_request);
    rest.remove_prefix(scheme + 3);
    head_.host = rest.substr(0, rest.find_first_of("/?"));
    // No host, or a user name in front of it, is an error (RFC 9110 §4.2.1, §4.2.4).
    if (head_.host.empty() || !is_authority(head_.host)) return refuse(status::bad_request);
    rest.remove_prefix(head_.host.size());
  }
  const std::size_t mark = rest.find('?');
  head_.path = rest.substr(0, mark);
  if (head_.path.empty()) head_.path = "/";
  head_.query = mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
  return true;
}

progress request_parser::parse_field(std::string_view window) {
  switch (fields_.read_line(window, position_)) {
    case progress::incomplete: return progress::incomplete;
    case progress::failed: return fail(fields_.failure());
    case progress::complete: break;
  }
  if (fields_.ended()) {
    if (!finish(window)) return progress::failed;
    step_ = step::complete;
    return progress::complete;
  }
  const field line = fields_.last(window.data());
  if (!understand(line)) return progress::failed;
  return progress::complete;
}

/// Looks at the fields that decide about the request as a whole. Their names differ in length from each
/// other, so most fields cost one comparison here and one there.
bool request_parser::understand(const field& line) {
  switch (line.name.size()) {
    case 4:
      if (!equals_ignoring_case(line.name, "host")) return true;
      if (has_host_ || !is_authority(line.value)) return refuse(status::bad_request);  // RFC 9112 §3.2
      has_host_ = true;
      return true;
    case 6:
      if (!equals_ignoring_case(line.name, "expect")) return true;
      if (!equals_ignoring_case(line.value, "100-continue")) return refuse(status::expectation_failed);
      head_.expects_continue = head_.minor_version > 0;  // ignored in HTTP/1.0 (RFC 9110 §10.1.1)
      return true;
    default: return framing_.understand(line) || refuse(framing_.failure());
  }
}

/// The end of the head: what no single line could tell.
bool request_parser::finish(std::string_view window) {
  if (head_.minor_version > 0 && !has_host_) return refuse(status::bad_request);
  if (!framing_.finish(head_.minor_version)) return refuse(framing_.failure());
  head_.framing = framing_.framing();
  head_.content_length = framing_.content_length();
  head_.keep_alive = framing_.keeps_alive(head_.minor_version);
  if (head_.framing == framing::none || (head_.framing == framing::length && head_.content_length == 0))
    head_.expects_continue = false;  // there is nothing to wait for

  head_.fields = fields_.list(window.data());
  if (window.data() + method_at_ != head_.method_text.data()) {  // the buffer has moved since
    head_.method_text = window.substr(method_at_, method_size_);
    head_.target = window.substr(target_at_, target_size_);
    if (!understand_target()) return false;
  }
  if (head_.host.empty() && has_host_) head_.host = *head_.fields.find("host");
  return true;
}

}  // namespace aster::http
