#include "aster/web/preconditions.hpp"

#include <cstdint>

#include "abi/platform.hpp"
#include "aster/http/failure.hpp"

namespace aster::web {

void require_preconditions(const request& req, const http::validators& current, without_condition without) {
  if (without == without_condition::is_refused && !req.header("If-Match") && !req.header("If-None-Match") &&
      !req.header("If-Unmodified-Since"))
    throw http::failure{http::status::precondition_required, "say which version you change, by If-Match"};
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t now = abi::current_platform().wall() / second;
  if (http::check_preconditions(req.method(), req.headers(), current, now) == http::precondition::failed)
    throw http::failure{http::status::precondition_failed, "there is another version meanwhile"};
}

}  // namespace aster::web
