#include "aster/web/request.hpp"

#include <algorithm>
#include <span>

#include "abi/platform.hpp"
#include "aster/http/grammar.hpp"
#include "aster/web/cookie.hpp"
#include "aster/web/nonce.hpp"

namespace aster::web {
namespace {

/// Fills with random characters of base64url: six bits each.
void fill_random(std::span<char> out) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  abi::current_platform().fill_entropy(out.data(), out.size());
  for (char& c : out) c = digits[static_cast<unsigned char>(c) & 63];
}

}  // namespace

std::optional<std::string> request::parameter(std::string_view name) const {
  std::string_view rest = query(), key, value;
  while (next_pair(rest, key, value)) {
    const auto decoded = decode(key, url_part::parameter);
    if (decoded && *decoded == name) return decode(value, url_part::parameter);
  }
  return std::nullopt;
}

std::optional<std::string_view> request::cookie(std::string_view name) const {
  for (const auto [field, value] : headers()) {
    if (!http::equals_ignoring_case(field, "cookie")) continue;
    std::string_view rest = value, each, text;
    while (next_cookie(rest, each, text))
      if (each == name) return text;
  }
  return std::nullopt;
}

std::string_view request::id() const {
  if (id_[0] == 0) fill_random(id_);
  return {id_.data(), id_.size()};
}

std::string_view request::nonce() const {
  if (nonce_[0] == 0) fill_random(nonce_);
  return {nonce_.data(), nonce_.size()};
}

std::string_view nonce_placeholder() {
  static const std::array<char, 24> placeholder = [] {
    std::array<char, 24> text;
    fill_random(text);
    return text;
  }();
  return {placeholder.data(), placeholder.size()};
}

void fill_nonces(std::string& page, std::string_view nonce) {
  const std::string_view placeholder = nonce_placeholder();
  for (std::size_t at = 0; (at = page.find(placeholder, at)) != std::string::npos; at += nonce.size())
    page.replace(at, placeholder.size(), nonce);
}

}  // namespace aster::web
