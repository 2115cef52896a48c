// A WebSocket as a handler has it: messages in, messages out, and all that is between them (fragments, pings,
// compression, the closing handshake) kept out of sight.
//
//   web::get(chat, [](const web::request& req) {
//     return websocket::accept(req, [](websocket::socket& ws) {
//       while (auto m = ws.receive()) ws.send(*m);
//     });
//   });
//
// The handler runs in the connection's fiber, when the response has been sent and the request is gone: it
// owns what it uses. The socket is closed when it returns. Another fiber reads meanwhile, so that pings are
// answered and a close is noticed also by a handler that only sends.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aster/net/byte_stream.hpp"
#include "aster/task/channel.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/wait_queue.hpp"
#include "aster/websocket/close_code.hpp"
#include "aster/websocket/extension.hpp"
#include "aster/websocket/limits.hpp"
#include "aster/websocket/message.hpp"
#include "aster/websocket/reader.hpp"

namespace aster::websocket {

/// How it came to an end.
struct closing {
  close_code code = close_code::none;
  std::string reason{};
  bool operator==(const closing&) const = default;
};

/// What was agreed on in the handshake, and the limits.
struct settings {
  websocket::limits limits{};
  std::string_view subprotocol{};
  std::optional<agreed_compression> compression{};
  std::size_t least_compressed = 0;  // bytes of a message
};

class socket {
 public:
  /// For one fiber. The next message; nothing when there will be none: the socket was closed by either side,
  /// or broke off. Parks. Throws task::cancelled. When the client closes while the handler has a message in
  /// hand, what is sent before the next `receive` still goes out (for at most limits::close).
  std::optional<message> receive();

  /// Sends a message. Several fibers may send; messages go out in the order of the calls. Parks while more
  /// than limits::pending bytes are not taken by the client. False when the socket is closed: the message is
  /// lost. Throws task::cancelled, then it was not sent; std::invalid_argument for a text that is no UTF-8.
  bool send(std::string_view text);
  bool send(std::span<const std::byte> binary);
  bool send(const message& m);

  /// The same without ever parking, for messages to many: a client that is too slow for them, with more than
  /// limits::pending bytes to take, is broken off, so that it holds up nobody.
  bool post(std::string_view text);
  bool post(std::span<const std::byte> binary);
  bool post(prepared_message& m);

  /// Begins to close. What was sent before still goes out; what comes in is dropped. `code` is one that may
  /// be sent (else std::invalid_argument), `reason` is UTF-8 of 123 bytes at most and cut there. Later calls
  /// do nothing. Never parks.
  void close(close_code code = close_code::normal, std::string_view reason = {});

  /// Whether messages can be sent.
  bool is_open() const { return !close_queued_ && !lost_; }

  /// What was agreed on; empty: none.
  std::string_view subprotocol() const { return settings_.subprotocol; }
  bool is_compressed() const { return settings_.compression.has_value(); }

  /// How it ended, after `receive` gave nothing: by the client's close frame, by our own code, or broken_off.
  const std::optional<closing>& ended() const { return ended_; }

  /// Bytes that wait to be taken by the client.
  std::size_t pending() const { return pending_; }

  socket(net::byte_stream& stream, const settings& s);
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;
  ~socket();

  /// Runs `use(*this)` while the stream is read, and closes: with 1000 when it returns, with 1001 when it is
  /// cancelled, which goes on then, and with 1011 when it throws, which is noted. Once. Parks.
  template <class Use>
  void run(Use&& use) {
    run_call(&use,
             [](void* object, socket& self) { (*static_cast<std::remove_reference_t<Use>*>(object))(self); });
  }

 private:
  void run_call(void* object, void (*call)(void*, socket&));
  void finish(close_code code, bool in_a_hurry);

  // The fiber that reads.
  void read_all();
  bool fill();
  bool take_events(std::string_view bytes);
  void deliver();
  void answer_ping();
  void read_close();
  void answer_close();
  void fail(close_code code, const char* why);

  // The fiber that writes, while there is something to write.
  void start_writer();
  void write_all();
  bool write_batch();
  bool write_unit(std::span<const std::span<const std::byte>> pieces);

  bool wait_for_room();
  bool post_or_lose(prepared_message& m);
  void enqueue_message(prepared_message& m);
  void enqueue(shared_bytes frame);
  void enqueue_close(close_code code, std::string_view reason);
  void stop_receiving();
  void lose();

  net::byte_stream& stream_;
  const settings settings_;
  reader reader_;
  std::optional<deflater> deflater_;  // when it keeps its context
  std::vector<std::byte> buffer_;     // for what is read
  std::string_view filled_;           // the part of it that was read last

  std::vector<shared_bytes> queue_;  // to be written
  std::vector<shared_bytes> batch_;  // being written
  std::optional<std::string> pong_;  // what the latest ping that was not answered said
  std::size_t pending_ = 0;          // bytes of all these but the pong

  bool close_queued_ = false;   // ours; nothing is sent behind it
  bool answer_is_due_ = false;  // the client's came
  bool is_handling_ = false;    // the handler has a message in hand
  bool has_read_all_ = false;   // nothing that the client says is heard any more
  bool lost_ = false;           // nothing can be sent
  bool writer_runs_ = false;
  std::optional<closing> ended_;
  std::size_t unanswered_ = 0;  // messages that were read, and that the handler is not done with

  task::channel<message> incoming_{1};
  task::wait_queue room_{"room for a message"};
  task::wait_queue handled_{"a message to be answered"};
  task::wait_queue changed_{"the closing handshake"};
  task::scope fibers_{"websocket"};  // last: its fibers use the rest
};

}  // namespace aster::websocket
