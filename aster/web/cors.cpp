#include "aster/web/cors.hpp"

#include <algorithm>
#include <stdexcept>

namespace aster::web {

response cors::operator()(const request& req, next behind) const {
  const bool open = std::ranges::contains(origins, "*");
  if (open && credentials) throw std::invalid_argument{"web::cors: \"*\" and credentials exclude each other"};
  const auto origin = req.header("origin");
  const bool allowed = origin && (open || std::ranges::contains(origins, *origin));
  const bool is_preflight =
      origin && req.method() == http::method::options && req.header("access-control-request-method");

  response answer = is_preflight ? response{http::status::no_content} : behind();
  // Caches must not give one origin's answer to another (Fetch §3.3.5).
  if (!open) answer.header("Vary", "Origin");
  if (!allowed) return answer;
  answer.header("Access-Control-Allow-Origin", open ? std::string_view{"*"} : *origin);
  if (credentials) answer.header("Access-Control-Allow-Credentials", "true");
  if (is_preflight) {
    answer.header("Access-Control-Allow-Methods", methods);
    answer.header("Access-Control-Allow-Headers", headers);
    answer.header("Access-Control-Max-Age", std::to_string(max_age.count()));
  } else if (!exposed.empty()) {
    answer.header("Access-Control-Expose-Headers", exposed);
  }
  return answer;
}

}  // namespace aster::web
