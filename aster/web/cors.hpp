// Cross-origin requests (Fetch standard, §3.3): which other sites' pages may read what this one answers.
//
//   web::app app{web::wrap(web::cors{.origins = {"https://app.example"}}), …};
//
// Stands in front of all routes, so that it answers preflights too.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "aster/web/request.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

struct cors {
  /// Scheme, host and port as browsers send them ("https://app.example"); "*" for everybody, which excludes
  /// credentials.
  std::vector<std::string> origins{};
  /// What a preflight allows; GET, HEAD and POST need no leave.
  std::string methods{"GET, HEAD, POST, PUT, PATCH, DELETE"};
  std::string headers{"Content-Type, Authorization"};
  /// Fields of a response that pages may read beyond the usual ones; empty: none.
  std::string exposed{};
  /// Whether cookies go along. Throws std::invalid_argument, at the first request, together with "*".
  bool credentials = false;
  /// How long a browser may remember a preflight.
  std::chrono::seconds max_age{600};

  response operator()(const request& req, next behind) const;
};

}  // namespace aster::web
