#include "aster/web/authorization.hpp"

#include <optional>

#include "aster/http/grammar.hpp"

namespace aster::web {
namespace {

/// What stands behind the scheme, if it is this one.
std::optional<std::string_view> credentials(const request& req, std::string_view scheme) {
  const auto field = req.header("authorization");
  if (!field || field->size() <= scheme.size() || (*field)[scheme.size()] != ' ') return std::nullopt;
  if (!http::equals_ignoring_case(field->substr(0, scheme.size()), scheme)) return std::nullopt;
  return http::trim(field->substr(scheme.size()));
}

/// RFC 4648 §4, with its padding or without.
std::optional<std::string> decode_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string result;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+'             ? 62
                      : c == '/'             ? 63
                                             : -1;
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if ((count += 6) >= 8) result += static_cast<char>(bits >> (count -= 8) & 0xff);
  }
  return result;
}

}  // namespace

response unauthorized(std::string_view challenge) {
  return to_response(http::status::unauthorized).header("WWW-Authenticate", challenge);
}

bool same_secret(std::string_view a, std::string_view b) {
  unsigned different = a.size() != b.size();
  for (std::size_t i = 0; i < a.size(); ++i)
    different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b.empty() ? 0 : b[i % b.size()]);
  return different == 0;
}

std::expected<bearer_token, response> extract<bearer_token>::from(const request& req) {
  const auto token = credentials(req, "Bearer");
  if (!token || token->empty()) return std::unexpected(unauthorized(bearer_token::challenge));
  return bearer_token{*token};
}

std::expected<basic_credentials, response> extract<basic_credentials>::from(const request& req) {
  const auto refused = [] { return std::unexpected(unauthorized(basic_credentials::challenge)); };
  const auto encoded = credentials(req, "Basic");
  if (!encoded) return refused();
  const auto decoded = decode_base64(*encoded);
  if (!decoded) return refused();
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return refused();
  return basic_credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

}  // namespace aster::web
