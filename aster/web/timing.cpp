#include "aster/web/timing.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "aster/http/grammar.hpp"
#include "aster/task/clock.hpp"

namespace aster::web {

std::string timing(std::string_view name, std::chrono::nanoseconds took, std::string_view description) {
  if (!http::is_token(name)) throw std::invalid_argument("web: the name of a timing is a token");
  if (http::find_control(description, 0) != description.size())
    throw std::invalid_argument("web: the description of a timing has no control characters");
  const std::uint64_t microseconds =
      static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)) / 1000;
  std::string fraction = std::to_string(microseconds % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  std::string text{name};
  text.append(";dur=").append(std::to_string(microseconds / 1000)).append(".").append(fraction);
  if (description.empty()) return text;
  text += ";desc=\"";
  for (const char c : description) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text += '"';
}

response server_timing::operator()(next behind) const {
  const task::time_point before = task::now();
  response result = behind();
  result.header("Server-Timing", timing("total", task::now() - before));
  return result;
}

}  // namespace aster::web
