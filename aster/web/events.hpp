// Server-sent events (HTML standard, §9.2): a response that never ends, of which the page's EventSource makes
// events.
//
//   return web::events([&news](web::event_stream& out) {
//     for (;;) out.send({.name = "news", .data = news.next()});     // ends when the client goes
//   });
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aster/web/response.hpp"

namespace aster::web {

struct event {
  std::string_view name{};  // empty: "message"
  std::string_view data{};  // may have several lines
  std::string_view id{};    // what the browser sends as Last-Event-ID when it comes back; empty: none
};

class event_stream {
 public:
  explicit event_stream(http::body_writer& out) : out_(out) {}

  /// Parks while the client does not take it. Throws http::disconnected when it has gone, and
  /// std::invalid_argument for a line break in a name or an id.
  void send(const event& e);
  /// A comment: keeps proxies from closing a silent connection, and finds out whether the client is there.
  void ping();
  /// How long the browser is to wait before it connects again.
  void retry_after(std::chrono::milliseconds wait);

 private:
  http::body_writer& out_;
  std::string buffer_;
};

/// Runs `write(event_stream&)` for as long as the client listens. It owns what it uses.
template <std::invocable<event_stream&> Write>
response events(Write&& write) {
  return stream("text/event-stream",
                [write = std::forward<Write>(write)](http::body_writer& out) mutable {
                  event_stream events{out};
                  events.ping();
                  write(events);
                })
      .header("Cache-Control", "no-store")
      .header("X-Accel-Buffering", "no");  // nginx and others pass each event on at once
}

}  // namespace aster::web
