// Server-Timing (W3C Server Timing): what a response took, for the browser's developer tools to show.
//
//   web::app app{web::wrap(web::server_timing{}), …};              // the time of all that stands behind it
//
//   const auto before = task::now();
//   auto rows = table.search(q);
//   return web::text(show(rows)).header("Server-Timing", web::timing("search", task::now() - before));
//
// It tells strangers how long things take: for development, or for whom it concerns.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "aster/web/request.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

/// A metric as the field has it: `search;dur=1.234;desc="of the table"`, in milliseconds. Throws
/// std::invalid_argument when the name is no token or the description has a control character in it.
std::string timing(std::string_view name, std::chrono::nanoseconds took, std::string_view description = {});

/// Adds the metric `total`.
struct server_timing {
  response operator()(next behind) const;
};

}  // namespace aster::web
