#include "aster/web/argument.hpp"

namespace aster::web::detail {

std::vector<std::string> query_values(const request& req, std::string_view name) {
  std::vector<std::string> result;
  std::string_view rest = req.query(), key, value;
  while (next_pair(rest, key, value)) {
    const auto decoded_key = decode(key, url_part::parameter);
    if (!decoded_key || *decoded_key != name) continue;
    auto decoded = decode(value, url_part::parameter);
    if (!decoded) refuse_parameter(name, "is not well encoded");
    result.push_back(std::move(*decoded));
  }
  return result;
}

void refuse_value(std::string_view name, std::string_view expected) {
  if (expected.empty()) refuse_parameter(name, "is not what it should be");
  refuse_parameter(name, std::string{"should be "}.append(expected));
}

void refuse_parameter(std::string_view name, std::string_view why) {
  std::string text{"the parameter '"};
  text.append(name).append("' ").append(why);
  throw http::failure{http::status::bad_request, std::move(text)};
}

}  // namespace aster::web::detail
