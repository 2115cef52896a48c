#include "aster/http/client_connection.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "aster/http/grammar.hpp"
#include "aster/task/clock.hpp"

namespace aster::http {
namespace {

constexpr std::size_t copied_body = 2 * 1024;  // up to here a copy is cheaper than another piece

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

void require_sendable(const client_request& r) {
  if (!is_token(r.method)) throw std::invalid_argument("http: a method is a token (RFC 9110 9.1)");
  if (r.target.empty() || !is_printable(r.target) || r.target.contains('#'))
    throw std::invalid_argument(
        "http: a request's target is percent-encoded and has no fragment (RFC 9112 3.2)");
  if (!is_printable(r.host)) throw std::invalid_argument("http: a host has no blanks or control characters");
  if (!r.upgrade.empty() && !is_printable(r.upgrade))
    throw std::invalid_argument("http: a protocol is a token, with a version behind a slash (RFC 9110 7.8)");
}

}  // namespace

const char* to_string(client_failure f) {
  switch (f) {
    case client_failure::unanswered: return "the server closed the connection without an answer";
    case client_failure::lost: return "the connection was lost in the middle of a response";
    case client_failure::timed_out: return "no answer in time";
    case client_failure::malformed: return "the answer is no HTTP/1.x";
    case client_failure::too_large: return "the response is too large";
  }
  return "unknown failure";
}

client_connection::client_connection(net::byte_stream& stream, const limits& limits)
    : stream_(stream),
      limits_(limits),
      output_(stream, limits),
      input_(stream, output_),
      parser_(limits),
      decoder_(limits) {}

void client_connection::write_head(const client_request& r, std::optional<std::uint64_t> size,
                                   bool has_body) {
  require_sendable(r);
  input_.unpin();
  piece_ = {};
  is_head_ = r.method == "HEAD";
  parser_.reset(is_head_);
  output_.append(r.method);
  output_.append(" ");
  output_.append(r.target);
  output_.append(" HTTP/1.1\r\nHost: ");
  output_.append(r.host);
  output_.append("\r\n");
  output_.append(r.fields);
  if (!r.upgrade.empty()) {
    output_.append("Connection: Upgrade\r\nUpgrade: ");
    output_.append(r.upgrade);
    output_.append("\r\n");
  }
  if (has_body && size) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, *size).ptr;
    output_.append("Content-Length: ");
    output_.append({digits, end});
    output_.append("\r\n");
  } else if (has_body) {
    output_.append("Transfer-Encoding: chunked\r\n");
  }
  output_.append("\r\n");
}

std::expected<void, client_failure> client_connection::flush() {
  if (!output_.flush()) return fail(client_failure::unanswered);
  return {};
}

std::expected<void, client_failure> client_connection::send(const client_request& r, std::string_view body) {
  // A method that gives a body a meaning says that there is none (RFC 9110 §8.6).
  const bool says_length = !body.empty() || r.method == "POST" || r.method == "PUT" || r.method == "PATCH";
  write_head(r, body.size(), says_length);
  if (body.size() <= copied_body)
    output_.append(body);
  else
    output_.append_reference(body);
  sent_whole_ = true;
  return flush();
}

std::expected<void, client_failure> client_connection::begin(const client_request& r,
                                                             std::optional<std::uint64_t> size) {
  write_head(r, size, true);
  left_ = size;
  sent_whole_ = false;
  return flush();
}

std::expected<void, client_failure> client_connection::write(std::string_view part) {
  if (part.empty()) return {};  // an empty chunk would end the body
  if (left_) {
    if (part.size() > *left_) throw std::logic_error("http: more bytes than the request announced");
    *left_ -= part.size();
    output_.append_reference(part);
  } else {
    char size[18];
    char* const end = std::to_chars(size, size + 16, part.size(), 16).ptr;
    output_.append({size, end});
    output_.append("\r\n");
    output_.append_reference(part);
    output_.append("\r\n");
  }
  return flush();
}

std::expected<void, client_failure> client_connection::finish() {
  if (left_.value_or(0) != 0) throw std::logic_error("http: fewer bytes than the request announced");
  if (!left_) output_.append("0\r\n\r\n");
  left_.reset();
  sent_whole_ = true;
  return flush();
}

std::expected<void, client_failure> client_connection::receive(limits::duration patience) {
  const task::time_point deadline =
      patience == limits::duration::zero() ? task::never : task::after(task::now(), patience);
  bool has_begun = false;
  for (;;) {
    switch (parser_.parse(input_.bytes())) {
      case progress::complete: {
        if (head().is_interim()) {
          input_.consume(parser_.size());
          parser_.reset(is_head_);
          continue;
        }
        input_.pin();
        input_.consume(parser_.size());
        decoder_.begin(head().framing, head().content_length);
        return {};
      }
      case progress::failed: return fail(client_failure::malformed);
      case progress::incomplete: break;
    }
    has_begun = has_begun || !input_.bytes().empty();
    limits::duration left{};
    if (deadline != task::never) left = std::max(deadline - task::now(), limits::duration{1});
    switch (input_.fill(left)) {
      case arrival::data: break;
      case arrival::timed_out: return fail(client_failure::timed_out);
      case arrival::end:
      case arrival::lost: return fail(has_begun ? client_failure::lost : client_failure::unanswered);
    }
  }
}

std::expected<std::size_t, client_failure> client_connection::read(std::span<std::byte> out) {
  if (out.empty()) return 0;
  while (piece_.empty() && !decoder_.finished()) {
    arrival result = arrival::data;
    if (input_.bytes().empty() && decoder_.contiguous() > 0) {
      std::size_t size = 0;
      const auto room = std::min<std::uint64_t>(out.size(), decoder_.contiguous());
      result = input_.read_past(out.first(static_cast<std::size_t>(room)), size, limits_.content);
      if (result == arrival::data) {
        decoder_.skip(size);
        return size;
      }
    } else {
      const auto step = decoder_.decode(input_.bytes());
      input_.consume(step.consumed);
      piece_ = step.content;
      if (step.result == progress::failed) return fail(client_failure::malformed);
      if (step.consumed != 0 || step.result == progress::complete) continue;
      result = input_.fill(limits_.content);
    }
    switch (result) {
      case arrival::data: break;
      case arrival::timed_out: return fail(client_failure::timed_out);
      case arrival::end:
        if (!decoder_.end_of_stream()) return fail(client_failure::lost);
        break;
      case arrival::lost: return fail(client_failure::lost);
    }
  }
  const std::string_view part = piece_.substr(0, out.size());
  if (!part.empty()) std::memcpy(out.data(), part.data(), part.size());
  piece_.remove_prefix(part.size());
  return part.size();
}

std::expected<std::string, client_failure> client_connection::all() {
  constexpr std::size_t least_growth = 1024;
  std::string body;
  for (std::size_t size = 0;;) {
    // Memory grows with what has come, not with what was announced.
    const auto announced = std::max<std::uint64_t>(decoder_.known_left(), piece_.size() + 1);
    const std::uint64_t room = std::min<std::uint64_t>(announced, std::max(size, least_growth));
    body.resize(size + static_cast<std::size_t>(room));
    const auto got = read(std::as_writable_bytes(std::span{body}.subspan(size)));
    if (!got) return std::unexpected(got.error());
    size += *got;
    if (size > limits_.body) return fail(client_failure::too_large);
    if (*got == 0) {
      body.resize(size);
      return body;
    }
  }
}

bool client_connection::is_reusable() const {
  return !broken_ && sent_whole_ && decoder_.finished() && piece_.empty() && head().keep_alive &&
         input_.bytes().empty() && head().status != status::switching_protocols && !output_.is_lost();
}

void client_connection::release_memory() {
  input_.unpin();
  input_.release_memory();
  output_.release_memory();
  parser_.release_memory();
  decoder_.release_memory();
}

}  // namespace aster::http
