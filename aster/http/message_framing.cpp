#include "aster/http/message_framing.hpp"

#include <algorithm>

#include "aster/http/grammar.hpp"

namespace aster::http {
namespace {
constexpr std::uint64_t content_length_limit = std::uint64_t{1} << 60;  // times ten and nine still fits
}

/// The names differ in length from each other, so most fields cost one comparison here.
bool message_framing::understand(const field& line) {
  switch (line.name.size()) {
    case 10:
      if (equals_ignoring_case(line.name, "connection")) understand_connection(line.value);
      return true;
    case 14:
      return !equals_ignoring_case(line.name, "content-length") || understand_content_length(line.value);
    case 17:
      return !equals_ignoring_case(line.name, "transfer-encoding") ||
             understand_transfer_encoding(line.value);
    default: return true;
  }
}

void message_framing::understand_connection(std::string_view options) {
  std::string_view option;
  for (bool more = true; next_element(options, more, option);) {
    if (equals_ignoring_case(option, "close")) asks_close_ = true;
    if (equals_ignoring_case(option, "keep-alive")) asks_keep_alive_ = true;
  }
}

/// One field of one decimal number. RFC 9112 §6.3 lets a recipient merge equal repetitions; a message that
/// has them was put together by somebody who wants two readers to disagree.
bool message_framing::understand_content_length(std::string_view digits) {
  if (has_length_ || digits.empty()) return refuse(status::bad_request);
  has_length_ = true;
  std::uint64_t length = 0;
  for (char c : digits) {
    if (!is_digit(c)) return refuse(status::bad_request);
    length = std::min(length, content_length_limit) * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (length > content_length_limit) return refuse(status::content_too_large);
  content_length_ = length;
  return true;
}

/// A list of codings over all its lines, "chunked" once and last (RFC 9112 §6.1). No other coding is
/// understood.
bool message_framing::understand_transfer_encoding(std::string_view codings) {
  has_coding_ = true;
  std::string_view coding;
  for (bool more = true; next_element(codings, more, coding);) {
    if (framing_ == http::framing::chunked) return refuse(status::bad_request);  // something after chunked
    if (equals_ignoring_case(coding, "chunked"))
      framing_ = http::framing::chunked;
    else if (is_token(coding))
      has_unknown_coding_ = true;
    else
      return refuse(status::bad_request);
  }
  return true;
}

bool message_framing::finish(std::uint8_t minor_version) {
  if (has_coding_) {
    // RFC 9112 §6.1 and §6.3: each of these is somebody's smuggling.
    if (has_length_ || minor_version == 0) return refuse(status::bad_request);
    if (framing_ != http::framing::chunked) return refuse(status::bad_request);
    if (has_unknown_coding_) return refuse(status::not_implemented);
  } else if (has_length_) {
    framing_ = http::framing::length;
  }
  return true;
}

}  // namespace aster::http
