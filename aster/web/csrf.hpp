// Against requests that another site makes a visitor's browser send (cross-site request forgery).
//
//   web::app app{web::sessions(visitors), web::csrf<visitor>(), …};
//
//   <form method="post"> <input type="hidden" name="csrf_token" value=…session.csrf_token()…>
//
// Whatever changes something (every method but GET, HEAD, OPTIONS and TRACE) is refused with 403 when the
// browser itself says that it comes from elsewhere (Sec-Fetch-Site, Origin), and unless it brings a token of
// the visitor's session: in the field `csrf_token` of a urlencoded form, or in the header X-CSRF-Token. In a
// body of many parts, which is not to be read here, no token is looked for; such a request passes with the
// header, or when the browser says that it comes from this site.
//
// A program without sessions has the first half: web::same_origin().
#pragma once
#include <string>
#include <vector>

#include "aster/web/items.hpp"
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"
#include "aster/web/session.hpp"

namespace aster::web {

struct csrf_options {
  /// Other sites that may send requests, as they stand in Origin: "https://app.example.org".
  std::vector<std::string> origins{};
};

enum class request_origin : std::uint8_t { same, other, unknown };

/// Where a request comes from, as the browser says. Not for whom to trust: what is no browser says anything.
request_origin origin_of(const request& req, const csrf_options& options = {});

namespace detail {
/// Throw http::failure (403) for what is to be refused, so that the application's own page says it.
void check_origin(const request& req, const csrf_options& options);
void check_token(const request& req, const session_base& visitor, const csrf_options& options);
}  // namespace detail

/// Stands behind web::sessions of the same T.
template <class T>
auto csrf(csrf_options options = {}) {
  return wrap(
      [options = std::move(options)](const request& req, session<T>& visitor, next behind) -> response {
        detail::check_token(req, visitor, options);
        return behind();
      });
}

/// Refuses what other sites make browsers send; what is no browser, or a very old one, passes.
inline auto same_origin(csrf_options options = {}) {
  return wrap([options = std::move(options)](const request& req, next behind) -> response {
    detail::check_origin(req, options);
    return behind();
  });
}

}  // namespace aster::web
