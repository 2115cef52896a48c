// How a handler answers with a WebSocket.
//
//   web::get(chat, [](const web::request& req) {
//     return websocket::accept(req, [](websocket::socket& ws) {
//       while (auto m = ws.receive()) ws.send(*m);
//     });
//   });
#pragma once
#include <concepts>
#include <type_traits>
#include <utility>

#include "aster/web/request.hpp"
#include "aster/web/response.hpp"
#include "aster/websocket/handshake.hpp"
#include "aster/websocket/socket.hpp"

namespace aster::websocket {

namespace detail {
settings settings_of(const agreement& agreed, const options& o);
web::response switching(const agreement& agreed, web::response r);
}  // namespace detail

/// The response to a request for a WebSocket: 101 and `use(socket)` when the request is in order, or its
/// refusal (see `agree`). `use` is called when the handler has returned and the request is gone: it owns what
/// it uses, or refers to what outlives the server.
template <class Use>
  requires std::invocable<std::decay_t<Use>&, socket&>
web::response accept(const web::request& req, Use&& use, const options& o = {}) {
  auto agreed = agree(req, o);
  if (!agreed) return std::move(agreed.error());
  return detail::switching(
      *agreed, web::response::taking_over(
                   "websocket", [use = std::forward<Use>(use),
                                 s = detail::settings_of(*agreed, o)](net::byte_stream& stream) mutable {
                     socket ws{stream, s};
                     ws.run(use);
                   }));
}

}  // namespace aster::websocket
