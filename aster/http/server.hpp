// A server: one fiber per connection, and a handler that all of them call.
//
//   net::stack stack{service};
//   http::serve(stack.listen(80), [](const http::request& req, http::response& res) {
//     res.text("Hello\n");
//   });
//
// The handler runs in the connection's fiber and may block: other connections go on meanwhile. An exception
// that leaves it is answered with 500 and noted; an http::failure with its own status.
#pragma once
#include "aster/http/handler.hpp"
#include "aster/http/options.hpp"
#include "aster/http/request.hpp"
#include "aster/http/response.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/net/listener.hpp"

namespace aster::http {

/// Accepts and serves connections until the program is asked to stop (task::stopping). Then it closes the
/// listener, lets requests that are being answered come to their end (at most for `options.drain`), closes
/// what is idle, and returns. Says first that the program is ready (aster/task/ready.hpp). When the calling
/// fiber is cancelled for another reason, or the listener was closed, all connections are cancelled and the
/// exception goes on. Parks.
void serve(net::listener listener, handler_reference handler, const options& options = {});

/// Serves one connection until it is to be closed. For tests, and for streams that no listener makes. Parks;
/// throws task::cancelled.
void serve_connection(net::byte_stream& stream, handler_reference handler, const options& options = {});

}  // namespace aster::http
