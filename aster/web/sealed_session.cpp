#include "aster/web/sealed_session.hpp"

#include "abi/platform.hpp"

namespace aster::web::detail {
namespace {

constexpr std::string_view purpose = "session";

std::chrono::sys_seconds wall_now() {
  return std::chrono::sys_seconds{std::chrono::seconds{abi::current_platform().wall() / 1'000'000'000}};
}

}  // namespace

std::optional<unsealed_session> read_session(const keys& by, const request& req,
                                             const session_options& options) {
  const auto text = req.cookie(session_cookie_name(options));
  if (!text) return std::nullopt;
  const auto now = wall_now();
  auto read = by.decrypt(purpose, *text, now);
  if (!read) return std::nullopt;
  return unsealed_session{std::move(read->value), read->expires - now < options.lifetime / 2};
}

cookie write_session(const keys& by, const session_options& options, std::string text) {
  return session_cookie(options, by.encrypt(purpose, text, wall_now() + options.lifetime));
}

}  // namespace aster::web::detail
