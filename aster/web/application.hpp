// What every application is below its types: a table of routes, the calls that answer them, and the order of
// things around a handler. Not a template, so that an application of a hundred routes has it once.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aster/http/request.hpp"
#include "aster/http/response.hpp"
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"
#include "aster/web/route_table.hpp"
#include "aster/web/source_trace.hpp"

namespace aster::web {

/// What went wrong with a request, for `web::on_error`.
struct error {
  http::status status = http::status::internal_server_error;
  /// For the client to read; may be empty.
  std::string text;
  /// For the developer alone: what an exception said, and where it was thrown as far as that is known. Shown
  /// in development, never in production.
  std::string detail{};
  std::vector<source_frame> trace{};
};

/// What is done with a '/' too many or too few at the end of a path.
enum class trailing_slash : std::uint8_t {
  redirect,  // 308 to the route that is there
  strict,    // another path: 404
};

struct security_headers {
  /// Content-Security-Policy of HTML pages; "{nonce}" stands for the request's. Empty: none is sent.
  std::string_view content_security_policy =
      "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src "
      "'self' "
      "data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
  /// Sent with every response, as they are; empty: none. (A response's own field of the name goes first.)
  std::string_view fields =
      "X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\nX-Frame-Options: DENY\r\n";
};

struct application_options {
  web::trailing_slash trailing_slash = trailing_slash::redirect;
  security_headers security{};
  /// Pages for errors show what an exception said. Otherwise they are terse. Unset: when the
  /// environment variable ASTER_ENV is "development", and under `aster run --live`.
  std::optional<bool> development{};
};

/// Calls a middleware: it runs what is behind by `next`, or answers itself.
struct middleware_entry {
  void* object;
  response (*run)(void* object, request&, next);
};

/// Calls a handler.
struct endpoint_entry {
  void* object;
  /// Whether the captures can be read as their types; null: they always can.
  bool (*accepts)(std::span<const std::string_view> captures);
  response (*run)(void* object, request&, std::span<const std::string_view> captures);
  std::span<const middleware_entry> around;  // from the outermost inwards
};

struct error_entry {
  void* object = nullptr;
  response (*run)(void* object, const request&, const error&) = nullptr;
};

class application {
 public:
  /// All must outlive the application. `fallback` answers what no route matches; without a `run` of its own
  /// that is 404, behind what stands around it.
  application(route_table_view routes, std::span<const endpoint_entry> endpoints,
              const endpoint_entry& fallback, error_entry on_error, const application_options& options);

  /// Answers one request: an http::handler. Parks as its handlers do; exceptions of theirs are answered.
  void operator()(const http::request& raw, http::response& to) const;

 private:
  friend class next;
  response route(request& req) const;
  response call_endpoint(request& req) const;
  response without_route(request& req) const;
  std::optional<std::string> with_other_slash(const request& req) const;
  response explain(const request& req, const error& e) const;
  response explained(const request& req, response made) const;
  template <class Call>
  response guarded(const request& req, Call call) const;

  route_table_view routes_;
  std::span<const endpoint_entry> endpoints_;
  endpoint_entry fallback_;
  error_entry on_error_;
  application_options options_;
};

/// In which form a client is told of an error, by its Accept (RFC 9110 §12.5.1): JSON when it names
/// application/json or something+json and does not like text/html as well; a page when it names text/html;
/// else text, which is for people with a terminal.
enum class error_form : std::uint8_t { text, page, json };
error_form error_form_for(const request& req);

/// What is said of an error when the application has no page of its own, in the form that the client likes.
response default_error_page(const request& req, const error& e);
/// The same as a problem document, whatever the client accepts: for what is an API altogether.
response error_problem(const request& req, const error& e);

}  // namespace aster::web
