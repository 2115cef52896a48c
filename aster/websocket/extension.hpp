// The one extension that there is, permessage-deflate: what clients offer in Sec-WebSocket-Extensions, and
// what is agreed on (RFC 6455 §9.1, RFC 7692 §5 and §7.1).
//
// Memory decides what is agreed on. By default neither side may refer to earlier messages, so that a socket
// that is silent holds no window, and a message to many is compressed once.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aster/websocket/reader.hpp"

namespace aster::websocket {

struct compression_options {
  bool is_offered = true;
  /// Messages may refer to earlier ones, which makes many small and similar ones smaller; then each socket
  /// keeps some 50 KiB, and a message to many is compressed for each.
  bool keeps_context = false;
  /// 2^window bytes that this side's messages refer back to; least_deflate_window to largest_window.
  window_bits window = 12;
  /// Messages of fewer bytes are sent as they are.
  std::size_t least_size = 256;
};

/// What both sides have agreed on.
struct agreed_compression {
  compression to_client;
  compression to_server;
  bool operator==(const agreed_compression&) const = default;
};

/// One offer or answer of permessage-deflate, as far as its parameters are known ones (RFC 7692 §7.1).
struct deflate_parameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<window_bits> server_max_window_bits{};
  /// A client may offer the parameter without a value: it could obey one (§7.1.2.2).
  std::optional<window_bits> client_max_window_bits{};
  bool has_client_max_window_bits = false;
  bool operator==(const deflate_parameters&) const = default;
};

/// The field is not what its grammar says (RFC 6455 §9.1).
struct malformed_extensions {};

/// Appends the offers of permessage-deflate in the value of one field; an offer with a parameter that is
/// unknown, twice there or of a wrong value is no offer (RFC 7692 §7.1), other extensions are passed over.
[[nodiscard]] std::expected<void, malformed_extensions> read_extensions(std::string_view value,
                                                                        std::vector<deflate_parameters>& to);

/// What a server makes of an offer: its answer, if it accepts.
[[nodiscard]] std::optional<deflate_parameters> answer_offer(const deflate_parameters& offer,
                                                             const compression_options& options);

/// What an answer means for both directions.
[[nodiscard]] agreed_compression meaning_of(const deflate_parameters& answer);

/// As a field's value.
[[nodiscard]] std::string to_text(const deflate_parameters& parameters);

}  // namespace aster::websocket
