#include "aster/web/json.hpp"

#include "aster/web/media_type.hpp"

namespace aster::web::detail {
namespace {

struct problem {
  std::string_view title;
  int status;
  std::string detail;
  std::optional<std::string_view> field{};
  std::optional<std::size_t> line{}, column{};
};

response answer(http::status status, problem what) {
  what.title = reason(status);
  what.status = code(status);
  return {status, "application/problem+json", aster::json::write(what)};
}

}  // namespace

std::expected<std::string_view, response> json_body(const request& req) {
  const auto type = req.header("content-type");
  if (!type || !is_json_type(*type))
    return std::unexpected(answer(http::status::unsupported_media_type,
                                  {.title = {}, .status = 0, .detail = "this wants application/json"})
                               .header("Accept", json_type));
  return req.body();
}

response json_problem(const aster::json::error& wrong) {
  std::string text = wrong.path.empty() ? "the text" : wrong.path;
  text.append(" ").append(wrong.message);
  problem what{
      .title = {}, .status = 0, .detail = std::move(text), .line = wrong.line, .column = wrong.column};
  if (!wrong.path.empty()) what.field = wrong.path;
  return answer(wrong.is_malformed ? http::status::bad_request : http::status::unprocessable_content,
                std::move(what));
}

}  // namespace aster::web::detail
