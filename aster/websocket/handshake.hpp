// The opening handshake, the server's half (RFC 6455 §4.2): whether a request may become a WebSocket, and
// what is answered.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aster/web/request.hpp"
#include "aster/web/response.hpp"
#include "aster/websocket/extension.hpp"
#include "aster/websocket/limits.hpp"

namespace aster::websocket {

struct options {
  websocket::limits limits{};
  websocket::compression_options compression{};

  /// Subprotocols that the handler speaks (§1.9), the one it likes best first: constants. The first that the
  /// client offers is chosen; the connection has none when it offers no such. See socket::subprotocol.
  std::vector<std::string_view> subprotocols{};

  /// A page of any site can open a WebSocket to this one, and the browser sends this site's cookies along. So
  /// a browser's request must come from a page of the host that it is for, or from one of these origins:
  /// constants such as "https://app.example.org"; "*" is any. Clients that are no browsers say nothing of
  /// their origin and are let in.
  std::vector<std::string_view> origins{};
};

/// What was agreed on.
struct agreement {
  std::string_view subprotocol{};  // one of options::subprotocols; empty: none
  std::optional<deflate_parameters> deflate{};
  std::string accept{};  // for Sec-WebSocket-Accept
};

/// Reads a request's offer, or says how it is refused: 426 when it is no upgrade or of another version, 403
/// for a foreign origin, 400 for what is malformed.
[[nodiscard]] std::expected<agreement, web::response> agree(const web::request& req, const options& o);

/// Sec-WebSocket-Accept for a client's key (§4.2.2): proof that a WebSocket server has read it.
[[nodiscard]] std::string accept_for(std::string_view key);

/// Whether this is the base64 of 16 bytes (§4.1).
[[nodiscard]] bool is_key(std::string_view text);

/// Whether an Origin (RFC 6454 §7) names the host, as the Host field gives it.
[[nodiscard]] bool is_same_origin(std::string_view origin, std::string_view host);

}  // namespace aster::websocket
