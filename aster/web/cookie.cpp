#include "aster/web/cookie.hpp"

#include <algorithm>
#include <stdexcept>

#include "aster/http/date.hpp"
#include "aster/http/grammar.hpp"
#include "aster/web/response.hpp"

namespace aster::web {
namespace {

constexpr std::size_t most_of_name_and_value = 4096;
constexpr std::size_t most_of_an_attribute = 1024;

void require(bool condition, const char* why) {
  if (!condition) throw std::invalid_argument{why};
}

bool is_attribute(std::string_view text) {
  return text.size() <= most_of_an_attribute &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != ';'; });
}

bool is_domain(std::string_view text) {
  return is_attribute(text) && std::ranges::all_of(text, [](char c) {
           return http::is_digit(c) || (http::to_lower(c) >= 'a' && http::to_lower(c) <= 'z') || c == '-' ||
                  c == '.';
         });
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return http::equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

void check(const cookie& c) {
  require(http::is_token(c.name), "a cookie's name is no token");
  require(is_cookie_value(c.value), "a cookie's value has characters that none may have");
  require(c.name.size() + c.value.size() <= most_of_name_and_value, "a cookie is larger than 4096 bytes");
  require(c.path.starts_with('/') && is_attribute(c.path), "a cookie's path begins with '/' and has no ';'");
  require(is_domain(c.domain), "a cookie's domain is no name of hosts");
  require(c.secure || c.same_site != same_site::none, "a cookie with same_site::none is secure");
  require(c.secure || !c.partitioned, "a partitioned cookie is secure");
  if (begins_with(c.name, "__Secure-"))
    require(c.secure, "a cookie whose name begins with __Secure- is secure");
  if (begins_with(c.name, "__Host-"))
    require(c.secure && c.domain.empty() && c.path == "/",
            "a cookie whose name begins with __Host- is secure, has no domain, and the path /");
}

}  // namespace

bool is_cookie_value(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'; });
}

std::string cookie::text() const {
  check(*this);
  std::string text = name;
  text.append("=").append(value).append("; Path=").append(path);
  if (!domain.empty()) text.append("; Domain=").append(domain);
  if (max_age) text.append("; Max-Age=").append(std::to_string(max_age->count()));
  if (expires) {
    const http::date_text date = http::format_date(expires->time_since_epoch().count());
    text.append("; Expires=").append(date.data(), date.size());
  }
  if (secure) text += "; Secure";
  if (http_only) text += "; HttpOnly";
  switch (same_site) {
    case web::same_site::strict: text += "; SameSite=Strict"; break;
    case web::same_site::lax: text += "; SameSite=Lax"; break;
    case web::same_site::none: text += "; SameSite=None"; break;
  }
  if (partitioned) text += "; Partitioned";
  return text;
}

cookie forgotten(std::string name, std::string path, std::string domain) {
  return {.name = std::move(name),
          .value = {},
          .path = std::move(path),
          .domain = std::move(domain),
          .max_age = std::chrono::seconds{0},
          .expires = std::chrono::sys_seconds{}};
}

void response::add_cookie(const web::cookie& what) { add_header("Set-Cookie", what.text()); }

bool next_cookie(std::string_view& rest, std::string_view& name, std::string_view& value) {
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    name = http::trim(pair.substr(0, equals));
    value = http::trim(pair.substr(equals + 1));
    return true;
  }
  return false;
}

}  // namespace aster::web
