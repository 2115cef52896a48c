#include "aster/web/csrf.hpp"

#include <algorithm>

#include "aster/http/failure.hpp"
#include "aster/http/grammar.hpp"
#include "aster/web/media_type.hpp"
#include "aster/web/url.hpp"

namespace aster::web {
namespace {

bool is_safe(http::method m) {  // RFC 9110 §9.2.1
  return m == http::method::get || m == http::method::head || m == http::method::options ||
         m == http::method::trace;
}

/// The token that the request brings; empty when it brings none.
std::string token_of(const request& req) {
  if (const auto header = req.header("x-csrf-token")) return std::string{*header};
  const auto type = req.header("content-type");
  if (!type || !is_media_type(*type, "application/x-www-form-urlencoded")) return {};
  std::string_view rest = req.body(), name, value;
  while (next_pair(rest, name, value))
    if (name == "csrf_token") return decode(value, url_part::parameter).value_or(std::string{});
  return {};
}

bool is_in_parts(const request& req) {
  const auto type = req.header("content-type");
  return type && is_media_type(*type, "multipart/form-data");
}

[[noreturn]] void refuse(std::string_view why) {
  throw http::failure{http::status::forbidden, std::string{why}};
}

}  // namespace

request_origin origin_of(const request& req, const csrf_options& options) {
  const auto origin = req.header("origin");
  if (origin && std::ranges::contains(options.origins, *origin)) return request_origin::same;
  if (const auto site = req.header("sec-fetch-site"))
    return *site == "same-origin" || *site == "none" ? request_origin::same : request_origin::other;
  if (!origin) return request_origin::unknown;
  // The scheme is not compared: TLS may end in front of the program.
  const std::size_t host = origin->find("://");
  const bool is_same =
      host != std::string_view::npos && http::equals_ignoring_case(origin->substr(host + 3), req.host());
  return is_same ? request_origin::same : request_origin::other;
}

namespace detail {

void check_origin(const request& req, const csrf_options& options) {
  if (!is_safe(req.method()) && origin_of(req, options) == request_origin::other)
    refuse("this was sent by another site");
}

void check_token(const request& req, const session_base& visitor, const csrf_options& options) {
  if (is_safe(req.method())) return;
  const request_origin from = origin_of(req, options);
  if (from == request_origin::other) refuse("this was sent by another site");
  if (visitor.is_csrf_token(token_of(req))) return;
  if (is_in_parts(req) && from == request_origin::same) return;
  refuse("the form is too old: please load its page again");
}

}  // namespace detail
}  // namespace aster::web
