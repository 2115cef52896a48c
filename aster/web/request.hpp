// A request as a web handler sees it: what http::request has, and what the application adds.
//
//   [](const web::request& req) { return web::text(req.header("user-agent").value_or("somebody")); }
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aster/http/request.hpp"
#include "aster/web/url.hpp"

namespace aster::web {

class application;
class response;
struct application_options;
struct endpoint_entry;

namespace detail {
struct value_access;
}

/// Lives until the response has been sent; everything it hands out lives as long.
class request {
 public:
  static constexpr std::size_t most_values = 24;  // of different types that middlewares may add

  request(const http::request& raw, const application_options& options) : raw_(raw), options_(options) {}
  request(const request&) = delete;
  request& operator=(const request&) = delete;

  http::method method() const { return raw_.method(); }
  std::string_view method_text() const { return raw_.method_text(); }
  /// As sent, percent-encoded.
  std::string_view path() const { return raw_.path(); }
  std::string_view query() const { return raw_.query(); }
  std::string_view target() const { return raw_.target(); }
  std::string_view host() const { return raw_.host(); }
  std::optional<std::string_view> header(std::string_view name) const { return raw_.header(name); }
  const http::field_list& headers() const { return raw_.headers(); }
  net::endpoint remote() const { return raw_.remote(); }

  /// All of the body; parks until it is there. Throws http::failure, which answers the client.
  std::string_view body() const { return raw_.body(); }
  /// The body in parts, for what is too large to be held; see http::request::read.
  std::size_t read(std::span<std::byte> out) const { return raw_.read(out); }
  /// Lets this request's body have up to `bytes` instead of the server's limit; before it is read.
  void allow_body(std::uint64_t bytes) const { raw_.allow_body(bytes); }

  /// The first parameter of the query of that name, decoded; a broken encoding counts as absent.
  std::optional<std::string> parameter(std::string_view name) const;

  /// A cookie that the client sent, as it is (RFC 6265 §5.4): anybody may have written it. See cookie.hpp for
  /// those that only the server can write.
  std::optional<std::string_view> cookie(std::string_view name) const;

  /// Of this request and no other: what its log lines and its error page are found by. 16 characters.
  std::string_view id() const;

  /// For `nonce` attributes of scripts and styles in this request's page; Content-Security-Policy names it.
  /// Typed HTML fills it in by itself.
  std::string_view nonce() const;

  const http::request& raw() const { return raw_; }
  const application_options& options() const { return options_; }

 private:
  friend class application;
  friend class next;
  friend struct detail::value_access;

  const http::request& raw_;
  const application_options& options_;
  const application* application_ = nullptr;
  const endpoint_entry* endpoint_ = nullptr;
  unsigned allowed_ = 0;  // methods that the path has, when it was not routed
  std::span<const std::string_view> captures_;
  std::array<void*, most_values> values_{};  // by middlewares, each at the place its type has
  mutable std::array<char, 16> id_{};
  mutable std::array<char, 24> nonce_{};
};

/// The rest of the way to the handler, for a middleware that stands around it.
class next {
 public:
  /// Runs what is behind. Once: a second call would answer the request again.
  response operator()() const;

 private:
  friend class application;
  next(request& r, std::size_t position) : request_(r), position_(position) {}
  request& request_;
  std::size_t position_;
};

}  // namespace aster::web
