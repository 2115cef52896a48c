#include "aster/http/body_decoder.hpp"

#include <algorithm>

namespace aster::http {
namespace {
constexpr std::uint8_t digit_limit = 15;  // of a chunk size: below 2^60, and no endless zeros
constexpr std::uint64_t endless = std::uint64_t{1} << 62;
}  // namespace

void body_decoder::begin(framing how, std::uint64_t content_length) {
  left_ = 0;
  extension_bytes_ = 0;
  trailer_position_ = 0;
  digits_ = 0;
  trailers_ = {};
  section_.reset(limits_.fields);
  switch (how) {
    case framing::none: state_ = state::finished; break;
    case framing::length:
      left_ = content_length;
      state_ = left_ == 0 ? state::finished : state::content;
      break;
    case framing::chunked: state_ = state::size; break;
    case framing::until_close:
      left_ = endless;
      state_ = state::rest;
      break;
  }
}

bool body_decoder::end_of_stream() {
  if (state_ == state::rest) state_ = state::finished;
  return finished();
}

void body_decoder::skip(std::uint64_t bytes) {
  if (state_ == state::rest) return;
  left_ -= bytes;
  if (left_ == 0) state_ = state_ == state::content ? state::finished : state::chunk_cr;
}

body_decoder::step body_decoder::decode(std::string_view input) {
  std::size_t at = 0;
  for (;;) {
    switch (state_) {
      case state::content:
      case state::rest:
      case state::chunk: {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - at));
        if (size == 0) return {progress::incomplete, at, {}};
        skip(size);
        return {finished() ? progress::complete : progress::incomplete, at + size, input.substr(at, size)};
      }
      case state::size:
      case state::size_blank:
      case state::name:
      case state::extension:
      case state::size_end:
        if (!read_size_line(input, at)) return {fail(status::bad_request), at, {}};
        break;
      case state::chunk_cr:
      case state::chunk_lf:
        if (at < input.size()) {
          if (input[at++] != (state_ == state::chunk_cr ? '\r' : '\n'))
            return {fail(status::bad_request), at, {}};
          state_ = state_ == state::chunk_cr ? state::chunk_lf : state::size;
        }
        break;
      case state::trailer: {
        const progress result = read_trailer(input.substr(at), at);
        return {result, at, {}};
      }
      case state::finished: return {progress::complete, at, {}};
      case state::failed: return {progress::failed, at, {}};
    }
    if (at == input.size() && state_ != state::finished) return {progress::incomplete, at, {}};
  }
}

/// chunk-size [ chunk-ext ] CRLF (RFC 9112 §7.1), a byte at a time. False: it is something else.
///
/// Extensions are skipped, but not unread: what one reader takes for the middle of an extension must not be
/// the end of a line for another, so nothing but CRLF ends them and no control may stand in them.
bool body_decoder::read_size_line(std::string_view input, std::size_t& at) {
  while (at < input.size()) {
    const char c = input[at++];
    switch (state_) {
      case state::size:
        if (const int digit = hex_value(c); digit >= 0) {
          if (++digits_ > digit_limit) return false;
          left_ = left_ * 16 + static_cast<unsigned>(digit);
          break;
        }
        if (digits_ == 0) return false;
        [[fallthrough]];
      case state::size_blank:  // blanks may stand before a ';' alone
        if (c == '\r' && state_ == state::size)
          state_ = state::size_end;
        else if (c == ';')
          state_ = state::name;
        else if (is_blank(c))
          state_ = state::size_blank;
        else
          return false;
        break;
      case state::name:
        if (is_token_char(c))
          state_ = state::extension;
        else if (!is_blank(c))
          return false;
        break;
      case state::extension:
        if (c == '\r')
          state_ = state::size_end;
        else if (is_control(c))
          return false;
        break;
      case state::size_end:
        if (c != '\n') return false;
        state_ = left_ == 0 ? state::trailer : state::chunk;
        digits_ = 0;
        return true;
      case state::content:
      case state::rest:
      case state::chunk:
      case state::chunk_cr:
      case state::chunk_lf:
      case state::trailer:
      case state::finished:
      case state::failed: return false;
    }
    if (state_ == state::size || state_ == state::size_end) continue;
    if (++extension_bytes_ > limits_.chunk_extensions) return false;
  }
  return true;
}

progress body_decoder::read_trailer(std::string_view input, std::size_t& consumed) {
  const std::string_view window = input.substr(0, std::min<std::size_t>(limits_.trailer, 0xffff));
  for (;;) {
    switch (section_.read_line(window, trailer_position_)) {
      case progress::complete:
        if (!section_.ended()) break;
        trailers_ = section_.list(window.data());
        consumed += trailer_position_;
        state_ = state::finished;
        return progress::complete;
      case progress::incomplete:
        if (window.size() == input.size() && window.size() < limits_.trailer) return progress::incomplete;
        return fail(status::request_header_fields_too_large);
      case progress::failed: return fail(section_.failure());
    }
  }
}

}  // namespace aster::http
