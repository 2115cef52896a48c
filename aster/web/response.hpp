// What a handler returns: its one answer, as a value. A handler that forgets it does not compile, and there
// is nothing that could be sent twice.
//
//   return web::text("Hello\n");
//   return web::text("made\n", http::status::created).header("X-Note", "7");
//   return web::see_other(link("xvw"));
//   return http::status::not_found;                   // the application's page for it
//   return web::stream("text/csv", [rows = std::move(rows)](http::body_writer& out) { … });
//
// A handler may as well return a std::string (plain text), an http::status, a std::optional of something (404
// when there is nothing), or a std::expected of two things that can be returned.
#pragma once
#include <concepts>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "aster/http/response.hpp"
#include "aster/http/selection.hpp"
#include "aster/http/status.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/web/once.hpp"
#include "aster/web/url.hpp"

namespace aster::web {

class request;
struct cookie;

/// One response. Moved, never copied.
class [[nodiscard]] response {
 public:
  /// Without a body.
  explicit response(http::status status) : status_(status) {}
  response(http::status status, std::string_view type, std::string body)
      : status_(status), type_(type), body_(std::move(body)) {}
  response(response&&) = default;
  response& operator=(response&&) = default;

  http::status status() const { return status_; }
  template <class Self>
  Self&& status(this Self&& self, http::status status) {
    self.status_ = status;
    return std::forward<Self>(self);
  }

  /// Adds a field. Throws std::invalid_argument for what is no field, as http::response::header does; the
  /// fields of the server's own and Content-Type are not set here.
  template <class Self>
  Self&& header(this Self&& self, std::string_view name, std::string_view value) {
    self.add_header(name, value);
    return std::forward<Self>(self);
  }
  /// Sets a field in place of all of that name.
  void replace_header(std::string_view name, std::string_view value);
  /// The first field of that name that was added, in any case.
  std::optional<std::string_view> header(std::string_view name) const;

  /// Adds a Set-Cookie field, see cookie.hpp. Throws std::invalid_argument for what a browser would drop.
  template <class Self>
  Self&& cookie(this Self&& self, const web::cookie& what) {
    self.add_cookie(what);
    return std::forward<Self>(self);
  }

  /// Media type of the body, which must be a constant; empty without one.
  std::string_view type() const { return type_; }
  template <class Self>
  Self&& type(this Self&& self, std::string_view constant) {
    self.type_ = constant;
    return std::forward<Self>(self);
  }

  /// The body, unless it is streamed.
  std::string_view body() const { return borrowed_.data() != nullptr ? borrowed_ : std::string_view{body_}; }
  void body(std::string text) {
    is_bare_ = false;
    borrowed_ = {};
    body_ = std::move(text);
  }
  std::string take_body() { return std::move(body_); }
  /// Whether the body is sent from where it lies: see web::borrow.
  bool is_borrowed() const { return borrowed_.data() != nullptr; }
  bool is_takeover() const { return static_cast<bool>(takeover_); }
  /// Whether it says no more than a status does, as what is made of an http::status. When that is an error,
  /// the application puts its page for errors in its place, with the fields that were set.
  bool is_bare() const { return is_bare_; }
  /// Adds the fields of another response.
  void add_fields(const response& other) { fields_ += other.fields_; }

  /// Another writer for a streamed body, which may call the one that was there.
  once<http::body_writer&> take_stream() { return std::move(stream_); }
  void stream(once<http::body_writer&> write) {
    is_bare_ = false;
    stream_ = std::move(write);
  }
  bool is_streamed() const { return static_cast<bool>(stream_) || static_cast<bool>(takeover_); }

  /// A strong entity tag (RFC 9110 §8.8.3), without its quotes. A GET that names it is answered with 304, and
  /// parts of the body can be asked for: see http::select. So it is with a Last-Modified.
  template <class Self>
  Self&& etag(this Self&& self, std::string_view opaque) {
    self.add_header("ETag", std::string{"\""}.append(opaque).append("\""));
    return std::forward<Self>(self);
  }

  // How the parts below are made: see the functions behind the class.
  static response bare(http::status status);
  static response borrowing(std::string_view constant_type, std::string_view constant);
  static response streaming(std::string_view constant_type, once<http::body_writer&> write);
  /// Gives the connection to another protocol, a constant: see http::response::upgrade. `use` is called when
  /// the request is gone.
  static response taking_over(std::string_view protocol, once<net::byte_stream&> use);

  /// Hands everything over to the connection. Parks while a body is streamed.
  void send(const request& req, http::response& to) &&;

 private:
  void add_header(std::string_view name, std::string_view value);
  void add_cookie(const web::cookie& what);
  http::selection select(const request& req) const;
  void send_fields(const request& req, http::response& to);
  void send_body(http::response& to);
  void send_not_modified(http::response& to);
  void send_refusal(const http::selection& chosen, http::response& to) const;
  void send_parts(const http::selection& chosen, http::response& to);

  http::status status_;
  bool is_bare_ = false;
  std::string_view type_;  // or the protocol, with takeover_
  std::string fields_;     // lines, ready to be sent
  std::string body_;
  std::string_view borrowed_;
  once<http::body_writer&> stream_;
  once<net::byte_stream&> takeover_;
};

inline constexpr std::string_view plain_text = "text/plain; charset=utf-8";
inline constexpr std::string_view html_text = "text/html; charset=utf-8";

inline response text(std::string body, http::status status = http::status::ok) {
  return {status, plain_text, std::move(body)};
}

/// Bytes that outlive the program's connections, such as constants, sent from where they lie.
inline response borrow(std::string_view constant_type, std::string_view constant) {
  return response::borrowing(constant_type, constant);
}

/// A body whose size is not known yet: `write` is called with an http::body_writer when the head has been
/// sent. It owns what it uses: the handler has returned by then.
template <std::invocable<http::body_writer&> Write>
response stream(std::string_view constant_type, Write&& write) {
  return response::streaming(constant_type, std::forward<Write>(write));
}

/// 303: the client goes on with a GET there, as after a form. To a route's url; text from elsewhere goes
/// through `redirect_to_text`.
response see_other(const url& to);
/// 307 and 308: the client repeats its request there, from now on always with 308.
response temporary_redirect(const url& to);
response permanent_redirect(const url& to);
/// A redirect to anywhere, with a status of the 3xx. The caller vouches for the target: one that a visitor
/// can choose freely makes an open redirect. Percent-encodes what may not stand in a field.
response redirect_to_text(http::status status, std::string_view target);

// ---- what may be returned ----

namespace detail {
template <class T>
struct is_expected : std::false_type {};
template <class T, class E>
struct is_expected<std::expected<T, E>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
}  // namespace detail

inline response to_response(response r) { return r; }
inline response to_response(std::string body) { return text(std::move(body)); }
inline response to_response(std::string_view body) { return text(std::string{body}); }
inline response to_response(const char* body) { return text(body); }
response to_response(http::status status);
template <class T>
  requires detail::is_optional<T>::value
response to_response(T&& value);
template <class T>
  requires detail::is_expected<T>::value
response to_response(T&& value);

/// A type of one's own is one when `to_response(it)` is found beside it.
template <class T>
concept responsive = requires(T&& value) {
  { to_response(std::forward<T>(value)) } -> std::same_as<response>;
};

template <class T>
  requires detail::is_optional<T>::value
response to_response(T&& value) {
  return value ? to_response(std::move(*value)) : to_response(http::status::not_found);
}
template <class T>
  requires detail::is_expected<T>::value
response to_response(T&& value) {
  return value ? to_response(std::move(*value)) : to_response(std::move(value.error()));
}

}  // namespace aster::web
