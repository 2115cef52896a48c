// Passes a request on to an instance of a service, and its response back.
//
//   proxy::upstream links{connect, {}};
//   http::serve(stack.listen(80), [&](const http::request& req, http::response& res) { proxy::forward(req,
//   res, links, {}); });
//
// Bodies stream through in both directions, and so does another protocol behind an upgrade (WebSocket). A
// request that can be repeated is: on another connection when the one that was kept has grown old, at another
// instance when one fails. One that changes something is sent once; it may be begun again only as long as
// nothing of it was sent.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aster/http/request.hpp"
#include "aster/http/response.hpp"
#include "aster/proxy/forwarded_fields.hpp"
#include "aster/proxy/upstream.hpp"

namespace aster::proxy {

struct forward_options {
  forwarding fields{};
  std::string_view target{};      // what the service is asked for; empty: as it was asked
  std::string_view request_id{};  // stands in X-Request-Id of the request and of the response, instead of
                                  // what they have there; empty: that goes on
  std::string_view trace{};                          // goes on as traceparent, likewise
  task::duration answer = std::chrono::seconds{60};  // until the head of a response
  unsigned tries = 3;  // instances that a request is sent to, one after the other
  task::duration
      hold{};  // so long a request that nobody has seen yet waits for an instance that takes connections
  std::size_t buffered = std::size_t{64} * 1024;  // a body up to here can be sent again
  std::uint64_t most_body = std::uint64_t{1} << 30;
};

/// Answers `request` with what an instance says. Parks. Throws http::failure: 502 when no instance could be
/// talked to, 503 when none had room, 504 when one was silent; and http::disconnected when the response broke
/// off in the middle, so that who asked sees it is not whole.
void forward(const http::request& request, http::response& response, upstream& to,
             const forward_options& options);

}  // namespace aster::proxy
