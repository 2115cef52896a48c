#include "aster/websocket/accept.hpp"

namespace aster::websocket::detail {

settings settings_of(const agreement& agreed, const options& o) {
  settings s{.limits = o.limits, .subprotocol = agreed.subprotocol, .compression = {}, .least_compressed = 0};
  if (agreed.deflate) {
    s.compression = meaning_of(*agreed.deflate);
    s.least_compressed = o.compression.least_size;
  }
  return s;
}

web::response switching(const agreement& agreed, web::response r) {
  r.header("Sec-WebSocket-Accept", agreed.accept);
  if (!agreed.subprotocol.empty()) r.header("Sec-WebSocket-Protocol", agreed.subprotocol);
  if (agreed.deflate) r.header("Sec-WebSocket-Extensions", to_text(*agreed.deflate));
  return r;
}

}  // namespace aster::websocket::detail
