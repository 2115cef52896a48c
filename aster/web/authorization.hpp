// Who asks: what the Authorization field says (RFC 7617, RFC 6750), as a parameter of a handler or a middleware.
//
//   web::provide([&](web::bearer_token token) -> std::expected<user, web::response> {
//     if (auto u = users.find(token.text)) return *u;
//     return std::unexpected(web::unauthorized(web::bearer_token::challenge));
//   })
//
// A request without it is answered with 401 and the challenge. Compare secrets with `same_secret`.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "aster/web/argument.hpp"

namespace aster::web {

struct bearer_token {
  static constexpr std::string_view challenge = "Bearer";
  std::string_view text;
};

struct basic_credentials {
  static constexpr std::string_view challenge = "Basic realm=\"restricted\", charset=\"UTF-8\"";
  std::string user;
  std::string password;
};

/// 401 with what the client is to send.
response unauthorized(std::string_view challenge);

/// Compares in a time that depends on the sizes alone, so that nobody can guess a secret letter by letter.
bool same_secret(std::string_view a, std::string_view b);

template <>
struct extract<bearer_token> {
  static std::expected<bearer_token, response> from(const request& req);
};
template <>
struct extract<basic_credentials> {
  static std::expected<basic_credentials, response> from(const request& req);
};

}  // namespace aster::web
