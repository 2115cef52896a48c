// Why a WebSocket is closed (RFC 6455 §7.4): by name, and which may travel.
#pragma once
#include <cstdint>

namespace aster::websocket {

/// Any value of 3000–4999 may be cast to this: 3000–3999 are registered with IANA, 4000–4999 an application's
/// own (§7.4.2).
enum class close_code : std::uint16_t {
  normal = 1000,
  going_away = 1001,        // the server stops, or the page is left
  protocol_error = 1002,    // frames that the RFC does not allow
  unsupported_data = 1003,  // text where binary was wanted, or the other way round
  none = 1005,              // the close frame said nothing; never sent
  broken_off = 1006,        // there was no close frame; never sent
  invalid_payload = 1007,   // text that is no UTF-8, data that cannot be decompressed
  policy_violation = 1008,
  message_too_big = 1009,
  extension_required = 1010,  // only a client says this
  internal_error = 1011,
  service_restart = 1012,  // these three are from IANA's registry
  try_again_later = 1013,
  bad_gateway = 1014,
};

constexpr std::uint16_t number(close_code c) { return static_cast<std::uint16_t>(c); }

/// Whether a close frame may say this number.
constexpr bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace aster::websocket
