// Requests that can be found again: the id is in the response, and the access log and error pages have it.
//
//   web::app app{web::wrap(web::name_requests), …};
#pragma once
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

/// A middleware: adds the field X-Request-Id.
inline response name_requests(const request& req, next behind) {
  return behind().header("X-Request-Id", req.id());
}

}  // namespace aster::web
