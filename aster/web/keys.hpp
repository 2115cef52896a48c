// Secrets that only this server can have written: values signed so that nobody changes them, or encrypted so
// that nobody reads them either. In cookies, in links, anywhere they go out and come back.
//
//   web::keys keys{config.secret, config.last_years_secret};      // the first writes, all read: that is
//   rotation
//
//   return page.cookie(web::signed_cookie(keys, {.name = "visits", .value = "7"}, 24h));
//   web::read_signed(keys, req, "visits")                         // "7", or nothing
//   web::encrypted_cookie(keys, {.name = "basket", .value = basket}, 24h), web::read_encrypted(…)
//
// A text holds the time until which it is good, and is bound to what it is for (the cookie's name), so that
// the value of one cookie is nothing in another. Signed: HMAC-SHA-256 (RFC 2104). Encrypted: AES-256-GCM
// (NIST SP 800-38D) with a random nonce; a key should write less than 2^32 of them.
//
// In a library of its own, aster_web_crypto, over OpenSSL's libcrypto: some 40 KB in the image of who uses
// it, and nothing in any other.
#pragma once
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aster/web/cookie.hpp"
#include "aster/web/request.hpp"

namespace aster::web {

/// A value that was read back, and until when it is good.
struct unsealed {
  std::string value;
  std::chrono::sys_seconds expires;
};

class keys {
 public:
  static constexpr std::size_t least_secret = 32;

  /// Of secrets with at least 32 bytes each, made by a generator of random numbers and not by a person
  /// (`head -c 32 /dev/urandom | base64`). The first writes. Throws std::invalid_argument for shorter ones,
  /// and for none.
  explicit keys(const std::vector<std::string>& secrets);
  template <std::convertible_to<std::string_view>... Secrets>
  explicit keys(std::string_view first, const Secrets&... older)
      : keys(std::vector<std::string>{std::string{first}, std::string{std::string_view{older}}...}) {}
  keys(const keys&) = default;
  keys& operator=(const keys&) = default;
  ~keys();

  /// Of this run alone: what it wrote is nothing after a restart.
  static keys random();

  /// `value` as a text of base64url that says who wrote it, for `purpose`, and is good until `expires`.
  std::string sign(std::string_view purpose, std::string_view value, std::chrono::sys_seconds expires) const;
  /// The value, if one of the keys has signed it for this purpose and it has not expired.
  std::optional<unsealed> verify(std::string_view purpose, std::string_view text,
                                 std::chrono::sys_seconds now) const;

  /// The same, and nobody can read it.
  std::string encrypt(std::string_view purpose, std::string_view value,
                      std::chrono::sys_seconds expires) const;
  std::optional<unsealed> decrypt(std::string_view purpose, std::string_view text,
                                  std::chrono::sys_seconds now) const;

 private:
  /// Two independent keys of one secret.
  struct pair {
    std::array<unsigned char, 32> signing, encryption;
  };
  std::vector<pair> pairs_;
};

/// The cookie with its value signed, good for `lifetime`, which is its Max-Age too unless it has one.
cookie signed_cookie(const keys& by, cookie what, std::chrono::seconds lifetime);
cookie encrypted_cookie(const keys& by, cookie what, std::chrono::seconds lifetime);

/// What was put into such a cookie; nothing for one that is missing, forged, another's or expired.
std::optional<std::string> read_signed(const keys& by, const request& req, std::string_view name);
std::optional<std::string> read_encrypted(const keys& by, const request& req, std::string_view name);

}  // namespace aster::web
