#include "aster/web/argument.hpp"

namespace aster::web::detail {

std::vector<std::string> query_values(const request& req, std::string_view name) {
  std::vector<std::string> result;
  std::string_view rest = req.query(), key, value;
  while (next_pair(rest, key, value)) {
    const auto decoded_key = decode(key, url_part::parameter);
    if (!decoded_key || *decoded_key != name) continue;
    auto decoded = decode(value, url_part::parameter);
    if (!decoded) refuse_parameter(name, false);
    result.push_back(std::move(*decoded));
  }
  return result;
}

void refuse_parameter(std::string_view name, bool is_missing) {
  std::string text{"the parameter '"};
  text.append(name).append(is_missing ? "' is missing" : "' is not what it should be");
  throw http::failure{http::status::bad_request, std::move(text)};
}

}  // namespace aster::web::detail
