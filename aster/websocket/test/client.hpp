// A client of an application's WebSockets, in memory: for the unit tests of programs.
//
//   websocket::test::client ws{app, "/chat"};
//   ws.send("hello");
//   CHECK(ws.receive() == websocket::message{websocket::message_type::text, "hello"});
//   ws.close();
//   CHECK(ws.ended()->code == websocket::close_code::normal);
//
// The same parser, server and socket work as over a network. It runs inside of a fiber; where there is none,
// as in a unit test, it makes the little world it needs. Several clients of one application may be there at
// once.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aster/http/handler.hpp"
#include "aster/http/memory_stream.hpp"
#include "aster/http/options.hpp"
#include "aster/task/scope.hpp"
#include "aster/web/test/client.hpp"
#include "aster/websocket/message.hpp"
#include "aster/websocket/reader.hpp"
#include "aster/websocket/socket.hpp"

namespace aster::websocket::test {

struct client_options {
  /// Besides those of the handshake: Origin, Cookie, Sec-WebSocket-Protocol, Sec-WebSocket-Extensions.
  web::test::fields headers{};
  /// Bytes that the server can send before the client has read them.
  std::size_t capacity = 64 * 1024;
};

class client_base {
 public:
  /// Parks until the server has answered.
  client_base(http::handler_reference handler, std::string_view target, const client_options& o = {});
  /// Hangs up if it is not closed.
  ~client_base();
  client_base(const client_base&) = delete;
  client_base& operator=(const client_base&) = delete;

  /// The answer to the handshake, of status 101 when it went well. The body is that of a refusal.
  const web::test::reply& answer() const { return answer_; }

  /// Sends one message, compressed when the server has agreed to that. Throws std::runtime_error when the
  /// server is gone.
  void send(std::string_view text);
  void send(std::span<const std::byte> binary);
  /// Sends a frame as it is given, masked.
  void send_frame(opcode o, std::string_view payload, frame_options options = {});
  /// Sends bytes, right or wrong.
  void send_raw(std::string_view bytes);

  /// The next message; nothing when the server has closed, see `ended`. Answers pings and the close. Parks;
  /// throws std::runtime_error after ten seconds of silence, and for what no server may send.
  std::optional<message> receive();

  /// Says good-bye, passes over what the server still sends, and parks until it has said so too and
  /// its handler has returned. Throws std::runtime_error when that takes more than ten seconds.
  void close(close_code code = close_code::normal, std::string_view reason = {});

  /// Drops the connection without a word, and parks until the handler has returned, as `close` does.
  void hang_up();

  /// How the server closed: close_code::broken_off when it said nothing.
  const std::optional<closing>& ended() const { return ended_; }
  /// Pings that came, and what the pongs said.
  std::size_t pings() const { return pings_; }
  const std::vector<std::string>& pongs() const { return pongs_; }

 private:
  void shake_hands(std::string_view target, const web::test::fields& headers);
  bool fill();
  void await_handler();
  void send_message(message_type type, std::string_view data);

  limits limits_{.frame = 64 * 1024 * 1024, .message = 64 * 1024 * 1024};
  http::memory_connection wire_;
  http::options server_options_;
  web::test::reply answer_;
  std::string read_;  // and not used yet
  std::optional<agreed_compression> compression_;
  std::optional<reader> reader_;
  std::optional<deflater> deflater_;
  std::optional<closing> ended_;
  std::size_t pings_ = 0;
  std::vector<std::string> pongs_;
  std::uint32_t keys_ = 0x9e3779b9;  // masks are different, and the same in each run
  bool close_sent_ = false;
  task::scope server_{"test server"};  // last: its fiber uses the rest
};

namespace detail {
template <class... Items>
struct server_of {
  explicit server_of(web::app<Items...>& what) : handler(what) {}
  web::served<Items...> handler;
};
}  // namespace detail

template <class... Items>
class client : private detail::server_of<Items...>, public client_base {
 public:
  /// `what` must outlive the client.
  client(web::app<Items...>& what, std::string_view target, const client_options& o = {})
      : detail::server_of<Items...>(what), client_base(this->handler, target, o) {}
};

}  // namespace aster::websocket::test
