// A server on one end of a connection in memory and a client that says what it wants on the other, in virtual
// time: for tests of what stands on the wire.
//
//   simulate([] {
//     conversation c{[](const http::request&, http::response& res) { res.text("Hello\n"); }};
//     CHECK(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("Hello\n"));
//   });
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "aster/http/memory_stream.hpp"
#include "aster/http/server.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/simulation.hpp"

namespace aster::http::test {

using handler = std::function<void(const request&, response&)>;

class conversation {
 public:
  explicit conversation(handler h, http::options options = {}, std::size_t capacity = 64 * 1024)
      : wire_(capacity), handler_(std::move(h)), options_(options) {
    server_.spawn("server", [this] {
      serve_connection(wire_.server(), handler_, options_);
      ended_ = true;
      ended_at_ = task::now();
      wire_.server().shutdown_write();
    });
  }

  void send(std::string_view bytes) {
    if (!wire_.client().write(bytes)) throw std::runtime_error("the server has hung up");
  }
  void send_byte_by_byte(std::string_view bytes) {
    for (char c : bytes) {
      send({&c, 1});
      task::yield();
    }
  }
  void finish() { wire_.client().shutdown_write(); }

  /// What the server says until it has been silent for `silence`, or has closed.
  std::string receive(task::duration silence = std::chrono::milliseconds{10}) {
    std::string text;
    std::array<std::byte, 1024> buffer;
    for (;;) {
      const auto read = task::within(silence, [&] { return wire_.client().read(buffer); });
      if (!read || !read->has_value() || **read == 0) return text;
      text.append(reinterpret_cast<const char*>(buffer.data()), **read);
    }
  }

  std::string ask(std::string_view request) {
    send(request);
    return receive();
  }

  bool ended() const { return ended_; }
  task::time_point ended_at() const { return ended_at_; }
  memory_connection::end& client() { return wire_.client(); }
  memory_connection::end& server() { return wire_.server(); }
  void stop() { server_.cancel(); }

 private:
  memory_connection wire_;
  handler handler_;
  http::options options_;
  bool ended_ = false;
  task::time_point ended_at_{};
  task::scope server_{"conversation"};
};

/// Runs `f` in a fiber of a world of its own.
template <class Function>
void simulate(Function&& f) {
  task::simulation world;
  world.run(std::forward<Function>(f));
}

}  // namespace aster::http::test
