// A request as a handler sees it. Everything is a view into the bytes that arrived, and lives until the
// handler returns.
//
//   http::serve(stack.listen(80), [](const http::request& req, http::response& res) {
//     if (req.method() == http::method::post) store(req.path(), req.body());
//     res.text(req.header("user-agent").value_or("somebody"));
//   });
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "aster/http/body_reader.hpp"
#include "aster/http/request_head.hpp"
#include "aster/net/address.hpp"

namespace aster::http {

class request {
 public:
  request(const request_head& head, body_reader& body, net::endpoint remote)
      : head_(head), body_(body), remote_(remote) {}
  request(const request&) = delete;
  request& operator=(const request&) = delete;

  http::method method() const { return head_.method; }
  /// As sent; what `method::other` stands for.
  std::string_view method_text() const { return head_.method_text; }

  std::string_view target() const { return head_.target; }
  /// Begins with '/' and is still percent-encoded; "*" for `OPTIONS *`.
  std::string_view path() const { return head_.path; }
  /// Behind the '?'.
  std::string_view query() const { return head_.query; }
  /// host[:port] that the client wanted to reach; may be empty.
  std::string_view host() const { return head_.host; }
  /// 0 or 1, of HTTP/1.x.
  int minor_version() const { return head_.minor_version; }

  const field_list& headers() const { return head_.fields; }
  /// Value of the first field of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const { return head_.fields.find(name); }

  /// All of the body, or what `read` has left of it; the same each time. Parks until it is there. Throws
  /// http::failure, which answers the client, when it is larger than the limit (413), malformed (400) or late
  /// (408), and http::disconnected.
  std::string_view body() const { return body_.all(); }

  /// Reads the body in parts: up to `out.size()` bytes, 0 at its end. Parks; throws as `body` does.
  std::size_t read(std::span<std::byte> out) const { return body_.read(out); }

  /// Announced size of the body; 0 without one, nothing when it is chunked.
  std::optional<std::uint64_t> content_length() const {
    if (head_.framing == framing::chunked) return std::nullopt;
    return head_.content_length;
  }

  /// Lets this request's body have up to `bytes` instead of limits::body. Before it is read.
  void allow_body(std::uint64_t bytes) const { body_.set_limit(bytes); }

  /// Fields that came behind a chunked body; empty before its end was read. Not to be merged with
  /// `headers` (RFC 9110 §6.5.1): nothing in them has been checked but the form.
  field_list trailers() const { return body_.trailers(); }

  /// Whether the client would like to speak this protocol on the connection from here on (RFC 9110 §7.8): see
  /// response::upgrade. In HTTP/1.0 nobody can ask for that.
  bool offers_upgrade(std::string_view protocol) const;

  /// Whom the connection comes from; all zero when it is not from a network.
  net::endpoint remote() const { return remote_; }

 private:
  const request_head& head_;
  body_reader& body_;
  net::endpoint remote_;
};

}  // namespace aster::http
