// What went wrong, for programs: a problem document (RFC 9457), application/problem+json.
//
//   std::expected<web::json<link>, web::problem> show(web::slug id, const table& links) {
//     const link* const found = links.find(id);
//     if (found == nullptr) return std::unexpected(web::problem{.status = http::status::not_found,
//                                                               .detail = "there is no such link"});
//     return web::json{*found};
//   }
//
//   {"title":"Not Found","status":404,"detail":"there is no such link"}
//
// It has no "type", which stands for "about:blank": the status says of what kind it is. The framework answers
// in the same form what it refuses itself: a body that is not of a web::json's type, and any error when the
// client likes JSON better than a page (see default_error_page).
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "aster/http/status.hpp"
#include "aster/web/response.hpp"

namespace aster::web {

inline constexpr std::string_view problem_type = "application/problem+json";

struct problem {
  http::status status = http::status::bad_request;
  std::string detail{};                         // a sentence about this one; left out when empty
  std::optional<std::string> field{};           // what of the sent is wrong: "links[0].target"
  std::optional<std::string> suggestion{};      // what would do in its place
  std::optional<std::size_t> line{}, column{};  // of the sent text, from 1
};

/// The title is the status's reason phrase.
response to_response(problem what);

}  // namespace aster::web
