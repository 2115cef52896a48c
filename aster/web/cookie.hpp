// Cookies (RFC 6265bis): what a server asks the browser to keep and to send back.
//
//   return web::see_other(home()).cookie({.name = "theme", .value = "dark", .max_age = 24h * 365});
//   …
//   req.cookie("theme")                                      // what the browser sent, anybody may have
//   written it return web::see_other(home()).cookie(web::forgotten("theme"));
//
// As they are by default, scripts cannot read them, they travel over TLS alone (and to this machine), and
// other sites' forms do not send them. What only the server may write is signed or encrypted: see keys.hpp.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aster/http/field.hpp"

namespace aster::web {

enum class same_site : std::uint8_t {
  strict,  // not sent with any request that another site caused
  lax,     // sent when a link of another site is followed
  none,    // sent with all; only with `secure`
};

struct cookie {
  std::string name;   // a token
  std::string value;  // printable ASCII without blanks, quotes, commas, semicolons and backslashes
  std::string path{"/"};
  /// Also sent to the hosts below it; empty: to the host that set it only.
  std::string domain{};
  /// How long it is kept, and until when in the words of old browsers. Without both it is forgotten when the
  /// browser is closed.
  std::optional<std::chrono::seconds> max_age{};
  std::optional<std::chrono::sys_seconds> expires{};
  bool secure = true;
  bool http_only = true;
  web::same_site same_site = web::same_site::lax;
  /// In frames of other sites it is another cookie for each of these (CHIPS); only with `secure`.
  bool partitioned = false;

  /// The value of a Set-Cookie field. Throws std::invalid_argument for what a browser would drop: names and
  /// values with other characters or of more than 4096 bytes together, same_site::none and `partitioned`
  /// without `secure`, names that begin with "__Secure-" without `secure` or with "__Host-" without `secure`,
  /// with a domain or a path other than "/" (RFC 6265bis §4.1.3).
  std::string text() const;
};

/// One that makes the browser forget. Path and domain must be those it was set with.
cookie forgotten(std::string name, std::string path = "/", std::string domain = {});

/// Whether the value can stand in a cookie as it is.
bool is_cookie_value(std::string_view text);

/// Takes the next cookie off the value of a Cookie field: lenient, as browsers send whatever they were given
/// (RFC 6265bis §5.8.3). False at the end.
bool next_cookie(std::string_view& rest, std::string_view& name, std::string_view& value);

}  // namespace aster::web
