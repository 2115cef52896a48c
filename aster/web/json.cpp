#include "aster/web/json.hpp"

#include "aster/web/media_type.hpp"
#include "aster/web/problem.hpp"

namespace aster::web::detail {

std::expected<std::string_view, response> json_body(const request& req) {
  const auto type = req.header("content-type");
  if (!type || !is_json_type(*type))
    return std::unexpected(to_response(problem{.status = http::status::unsupported_media_type,
                                               .detail = "this wants application/json"})
                               .header("Accept", json_type));
  return req.body();
}

response json_problem(const aster::json::error& wrong) {
  std::string text = wrong.path.empty() ? "the text" : wrong.path;
  text.append(" ").append(wrong.message);
  problem what{.status = wrong.is_malformed ? http::status::bad_request : http::status::unprocessable_content,
               .detail = std::move(text),
               .line = wrong.line,
               .column = wrong.column};
  if (!wrong.path.empty()) what.field = wrong.path;
  return to_response(std::move(what));
}

}  // namespace aster::web::detail
