// One client's connection: requests are read, handed to the handler, and answered in order, for as long as
// both sides want to keep it.
#pragma once
#include <cstddef>
#include <cstdint>

#include "aster/http/body_reader.hpp"
#include "aster/http/handler.hpp"
#include "aster/http/input.hpp"
#include "aster/http/options.hpp"
#include "aster/http/output.hpp"
#include "aster/http/request_parser.hpp"
#include "aster/http/response.hpp"
#include "aster/net/address.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/task/cancellation.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::http {

class connection;

/// Connections of which something may be asked from outside. One is in one list at a time, or in none.
class connection_list {
 public:
  void push_back(connection& c) noexcept;
  void remove(connection& c) noexcept;
  connection* front() const noexcept { return first_; }

 private:
  connection* first_ = nullptr;
  connection* last_ = nullptr;
};

/// What all connections of a server have in common.
struct shared_state {
  handler_reference handler;
  const http::options& options;
  date_clock date{};
  connection_list idle{};      // wait for their next request, the one that has waited longest first
  connection_list upgraded{};  // speak another protocol
  bool draining = false;       // the program stops: answers say that they are the last
  bool crowded = false;        // somebody waits for a place: likewise
  std::size_t busy = 0;        // connections that are not in `idle`
  task::wait_queue changed{"connections to end"};  // notified when one has ended or has become idle

  void begin_work() noexcept { ++busy; }
  void end_work() noexcept {
    --busy;
    changed.notify_all();
  }
};

class connection {
 public:
  /// Both must outlive the connection.
  connection(net::byte_stream& stream, shared_state& shared, net::endpoint remote = {});
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Serves until the client or the server has had enough; returns when the stream is to be closed. Parks.
  /// Throws task::cancelled.
  void run();

  /// For an idle connection: since when it is silent.
  task::time_point idle_since() const noexcept { return idle_since_; }
  /// Asks a connection in a list to unwind what it does there and to let `run` return, from another fiber.
  /// Never switches.
  void evict() noexcept { interruptible_->request(); }
  /// The connection behind this one in its list.
  connection* next_in_list() const noexcept { return next_; }

 private:
  friend class connection_list;

  enum class next_step : std::uint8_t { go_on, close, linger, cut_off };

  next_step serve_one();
  next_step read_head();
  arrival wait_for_request();
  arrival wait_for_bytes();
  next_step refuse(status why);
  next_step answer();
  void call_handler();
  next_step after_response();
  next_step switch_protocol();
  next_step use_upgraded();
  void linger();
  void log_access(bool is_whole);
  void flush_aside();
  void release_memory();

  net::byte_stream& stream_;
  shared_state& shared_;
  net::endpoint remote_;
  output output_;
  input input_;
  request_parser parser_;
  body_reader body_;
  response response_;
  connection* next_ = nullptr;  // in its list
  connection* previous_ = nullptr;
  task::time_point idle_since_{};
  task::cancel_region* interruptible_ = nullptr;  // while in a list
  task::time_point answering_since_{};            // set where there is an access log
  bool broken_off_ = false;                       // the response was begun and cannot be ended
  bool flusher_waits_ = false;
  bool has_called_handler_ = false;    // since the stack was shed
  task::scope flusher_{"http flush"};  // last: its fiber uses the rest
};

}  // namespace aster::http
