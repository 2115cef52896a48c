#include "aster/websocket/handshake.hpp"

// SHA-1 secures nothing here: it shows that the server understood the request. These three functions alone
// are linked, 24 KiB, where the newer interface would bring all of libcrypto.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "aster/http/grammar.hpp"

namespace aster::websocket {
namespace {

std::string base64(std::string_view bytes) {  // RFC 4648 §4
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j)
      group = group << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0u);
    for (std::size_t digit = 0; digit < 4; ++digit)
      text += i + digit <= bytes.size() ? digits[group >> (18 - 6 * digit) & 63] : '=';
  }
  return text;
}

/// The field, if it is there exactly once.
std::optional<std::string_view> only(const web::request& req, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto [each, value] : req.headers()) {
    if (!http::equals_ignoring_case(each, name)) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

bool is_allowed_origin(const web::request& req, const options& o) {
  for (const auto [name, origin] : req.headers()) {
    if (!http::equals_ignoring_case(name, "origin")) continue;
    const bool is_listed = std::ranges::any_of(o.origins, [&](std::string_view each) {
      return each == "*" || http::equals_ignoring_case(each, origin);
    });
    if (!is_listed && !is_same_origin(origin, req.host())) return false;
  }
  return true;
}

/// The first of ours that the client offers, in ours.
std::expected<std::string_view, web::response> choose_subprotocol(const web::request& req, const options& o) {
  std::size_t best = o.subprotocols.size();
  for (const auto [name, value] : req.headers()) {
    if (!http::equals_ignoring_case(name, "sec-websocket-protocol")) continue;
    bool more = true;
    for (std::string_view list = value, offered; http::next_element(list, more, offered);) {
      if (offered.empty()) continue;
      if (!http::is_token(offered))
        return std::unexpected(
            web::text("this is no name of a subprotocol (RFC 6455 4.1)\n", http::status::bad_request));
      const auto at = std::ranges::find(o.subprotocols, offered) - o.subprotocols.begin();
      best = std::min(best, static_cast<std::size_t>(at));
    }
  }
  return best < o.subprotocols.size() ? o.subprotocols[best] : std::string_view{};
}

std::expected<std::optional<deflate_parameters>, web::response> choose_compression(const web::request& req,
                                                                                   const options& o) {
  std::vector<deflate_parameters> offers;
  for (const auto [name, value] : req.headers())
    if (http::equals_ignoring_case(name, "sec-websocket-extensions") && !read_extensions(value, offers))
      return std::unexpected(
          web::text("Sec-WebSocket-Extensions is malformed (RFC 6455 9.1)\n", http::status::bad_request));
  for (const deflate_parameters& offer : offers)
    if (const auto answer = answer_offer(offer, o.compression)) return answer;
  return std::nullopt;
}

}  // namespace

std::string accept_for(std::string_view key) {
  constexpr std::string_view constant = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, key.data(), key.size());
  SHA1_Update(&context, constant.data(), constant.size());
  SHA1_Final(digest.data(), &context);
  return base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool is_key(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || http::is_digit(c) || c == '+' || c == '/';
  };
  return text.size() == 24 && text.ends_with("==") && std::ranges::all_of(text.substr(0, 22), is_digit);
}

bool is_same_origin(std::string_view origin, std::string_view host) {
  std::string_view port;  // that the scheme stands for
  for (const auto& [scheme, its_port] : {std::pair{std::string_view{"http://"}, std::string_view{":80"}},
                                         std::pair{std::string_view{"https://"}, std::string_view{":443"}}}) {
    if (!http::equals_ignoring_case(origin.substr(0, scheme.size()), scheme)) continue;
    origin.remove_prefix(scheme.size());
    port = its_port;
    break;
  }
  if (port.empty() || host.empty()) return false;
  const auto without_port = [port](std::string_view text) {
    if (text.ends_with(port)) text.remove_suffix(port.size());
    return text;
  };
  return http::equals_ignoring_case(without_port(origin), without_port(host));
}

std::expected<agreement, web::response> agree(const web::request& req, const options& o) {
  const auto refuse = [](http::status status, std::string text) {
    return std::unexpected(web::text(std::move(text), status));
  };
  if (req.method() != http::method::get || !req.raw().offers_upgrade("websocket"))
    return std::unexpected(web::text("a WebSocket is spoken here\n", http::status::upgrade_required)
                               .header("Upgrade", "websocket"));
  if (only(req, "sec-websocket-version") != "13")
    return std::unexpected(web::text("version 13 is spoken here\n", http::status::upgrade_required)
                               .header("Upgrade", "websocket")
                               .header("Sec-WebSocket-Version", "13"));
  const auto key = only(req, "sec-websocket-key");
  if (!key || !is_key(*key)) return refuse(http::status::bad_request, "there is no good Sec-WebSocket-Key\n");
  if (!is_allowed_origin(req, o))
    return refuse(http::status::forbidden, "pages of this origin are not let in\n");
  auto subprotocol = choose_subprotocol(req, o);
  if (!subprotocol) return std::unexpected(std::move(subprotocol.error()));
  auto deflate = choose_compression(req, o);
  if (!deflate) return std::unexpected(std::move(deflate.error()));
  return agreement{*subprotocol, *deflate, accept_for(*key)};
}

}  // namespace aster::websocket
