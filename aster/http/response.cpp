#include "aster/http/response.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "aster/http/failure.hpp"
#include "aster/http/grammar.hpp"

namespace aster::http {
namespace {

constexpr std::size_t copied_body =
    1024;  // a body up to this is copied behind its head: cheaper than a piece
constexpr std::size_t kept_capacity = 4096;  // of the strings that are reused from request to request

char* put(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* put_decimal(char* to, std::uint64_t value) { return std::to_chars(to, to + 20, value).ptr; }

void require_field(std::string_view name, std::string_view value) {
  if (!is_token(name)) throw std::invalid_argument("http: a field name is a token (RFC 9110 5.1)");
  if (find_control(value, 0) != value.size())
    throw std::invalid_argument("http: a field value has no control characters (RFC 9110 5.5)");
}

void append_line(std::string& to, std::string_view name, std::string_view value) {
  to.append(name).append(": ").append(value).append("\r\n");
}

void forget(std::string& text) {
  text.clear();
  if (text.capacity() > kept_capacity) text.shrink_to_fit();
}

}  // namespace

void append_field(std::string& to, std::string_view name, std::string_view value) {
  require_field(name, value);
  for (std::string_view ours : {"content-length", "transfer-encoding", "connection", "date"})
    if (equals_ignoring_case(name, ours))
      throw std::invalid_argument(
          "http: Content-Length, Transfer-Encoding, Connection and Date are the server's");
  append_line(to, name, value);
}

void response::begin(const request_head& head, bool keep_alive) {
  stage_ = stage::open;
  status_ = http::status::ok;
  forget(fields_);
  forget(owned_);
  forget(trailers_);
  body_ = {};
  use_ = {};
  sent_ = 0;
  type_size_ = 0;
  keep_alive_ = keep_alive;
  is_head_ = head.method == method::head;
  is_old_ = head.minor_version == 0;
}

void response::require_open() const {
  if (stage_ != stage::open) throw std::logic_error("http: the response has been sent already");
}

response& response::header(std::string_view name, std::string_view value) {
  require_open();
  if (equals_ignoring_case(name, "content-type"))
    set_type(value);
  else
    append_field(fields_, name, value);
  return *this;
}

void response::set_type(std::string_view type) {
  require_open();
  if (find_control(type, 0) != type.size()) require_field("Content-Type", type);
  fields_.erase(0, type_size_);
  type_size_ = 0;
  if (type.empty()) return;
  const std::size_t others = fields_.size();
  append_line(fields_, "Content-Type", type);
  type_size_ = static_cast<std::uint32_t>(fields_.size() - others);
  if (others > 0) std::ranges::rotate(fields_, fields_.begin() + static_cast<std::ptrdiff_t>(others));
}

response& response::send(std::string_view type, std::string_view body) {
  set_type(type);
  owned_.assign(body);
  body_ = owned_;
  return *this;
}

response& response::upgrade(std::string_view protocol, once<net::byte_stream&> use) {
  require_open();
  // protocol-name [ "/" protocol-version ], both tokens (RFC 9110 §7.8)
  const std::size_t slash = protocol.find('/');
  if (!is_token(protocol.substr(0, slash)) ||
      (slash != std::string_view::npos && !is_token(protocol.substr(slash + 1))))
    throw std::invalid_argument("http: this is no name of a protocol (RFC 9110 7.8)");
  if (is_old_) throw failure{http::status::bad_request, "HTTP/1.0 has no upgrades"};
  append_line(fields_, "Upgrade", protocol);
  status_ = http::status::switching_protocols;
  use_ = std::move(use);
  return *this;
}

void response::fail(http::status s, std::string_view text) {
  forget(fields_);
  use_ = {};
  type_size_ = 0;
  status_ = s;
  if (!text.empty()) {
    send("text/plain; charset=utf-8", text);
    owned_ += '\n';
  } else {
    send("text/plain; charset=utf-8", std::string_view{});
    char digits[20];
    owned_.append(digits, put_decimal(digits, static_cast<unsigned>(code(s))));
    owned_.append(" ").append(reason(s)).append("\n");
  }
  body_ = owned_;
}

void response::write_head(end_by end, std::uint64_t size) {
  const std::string_view phrase = reason(status_), date = date_.line();
  if (!request_body_.is_skippable() || end == end_by::close) keep_alive_ = false;
  request_body_.response_begins();

  char* at = out_.reserve(160 + phrase.size() + date.size() + fields_.size());
  if (status_ == http::status::ok) {
    at = put(at, "HTTP/1.1 200 OK\r\n");
  } else {
    at = put(at, "HTTP/1.1 ");
    at = put_decimal(at, static_cast<unsigned>(code(status_)));
    *at++ = ' ';
    at = put(at, phrase);
    at = put(at, "\r\n");
  }
  at = put(at, date);
  at = put(at, fields_);
  switch (end) {
    case end_by::length:
      at = put(at, "Content-Length: ");
      at = put_decimal(at, size);
      at = put(at, "\r\n");
      break;
    case end_by::chunks: at = put(at, "Transfer-Encoding: chunked\r\n"); break;
    case end_by::upgrade: at = put(at, "Connection: Upgrade\r\n"); break;
    case end_by::close:
    case end_by::nothing: break;
  }
  if (end != end_by::upgrade) {
    if (!keep_alive_)
      at = put(at, "Connection: close\r\n");
    else if (is_old_)
      at = put(at, "Connection: keep-alive\r\n");
  }
  out_.commit(put(at, "\r\n"));
}

std::string_view response::find_field(std::string_view name) const {
  for (std::string_view rest = fields_; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    const std::size_t colon = line.find(':');
    if (equals_ignoring_case(line.substr(0, colon), name)) return trim(line.substr(colon + 1));
    rest.remove_prefix(line.size() + 2);
  }
  return {};
}

bool response::finish() {
  if (stage_ == stage::streaming) return finish_stream();
  stage_ = stage::finished;
  if (use_) {
    status_ = http::status::switching_protocols;
    write_head(end_by::upgrade, 0);
    return true;
  }
  const bool no_body = has_no_body(status_);
  // A 205 must say that nothing follows (RFC 9110 §15.3.6).
  if (status_ == http::status::reset_content) body_ = {};
  write_head(no_body ? end_by::nothing : end_by::length, body_.size());
  if (is_head_ || no_body) return true;
  sent_ = body_.size();
  if (body_.size() <= copied_body) {
    out_.append(body_);
    return true;
  }
  out_.append_reference(body_);
  // A body of our own lives until the next request begins; a borrowed one may wait for company.
  return body_.data() == owned_.data() ? out_.flush() : true;
}

body_writer response::stream(std::string_view type) {
  begin_stream(type, is_old_ ? end_by::close : end_by::chunks, 0);
  return body_writer{*this};
}

body_writer response::stream(std::string_view type, std::uint64_t size) {
  begin_stream(type, end_by::length, size);
  return body_writer{*this};
}

void response::begin_stream(std::string_view type, end_by end, std::uint64_t size) {
  set_type(type);
  end_ = has_no_body(status_) ? end_by::nothing : end;
  left_ = size;
  stage_ = stage::streaming;
  write_head(end_, size);
}

void response::write_part(std::string_view part) {
  if (stage_ != stage::streaming) throw std::logic_error("http: the response has been sent already");
  if (end_ == end_by::length) {
    if (part.size() > left_) throw std::logic_error("http: more bytes than the response announced");
    left_ -= part.size();
  }
  if (part.empty()) return;  // an empty chunk would end the body
  if (!is_head_ && end_ != end_by::nothing) {
    if (end_ == end_by::chunks) {
      char* const at = out_.reserve(18);
      out_.commit(put(std::to_chars(at, at + 16, part.size(), 16).ptr, "\r\n"));
    }
    out_.append_reference(part);
    if (end_ == end_by::chunks) out_.append("\r\n");
    sent_ += part.size();
  }
  if (!out_.flush()) throw disconnected{};
}

bool response::finish_stream() {
  stage_ = stage::finished;
  if (is_head_) return true;
  switch (end_) {
    case end_by::length: return left_ == 0;  // too short: only the end of the connection can say so
    case end_by::chunks:
      out_.append("0\r\n");
      out_.append(trailers_);
      out_.append("\r\n");
      return true;
    case end_by::close:
    case end_by::nothing:
    case end_by::upgrade: return true;
  }
  return true;
}

void response::release_memory() {
  fields_ = {};
  owned_ = {};
  trailers_ = {};
}

void body_writer::write(std::string_view part) {
  if (through_ != nullptr)
    through_->write(part, *behind_);
  else
    response_.write_part(part);
}

void body_writer::trailer(std::string_view name, std::string_view value) {
  require_field(name, value);
  append_line(response_.trailers_, name, value);
}

}  // namespace aster::http
