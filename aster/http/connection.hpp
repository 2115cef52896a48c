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

/// Connections that wait for their next request, the one that has waited longest first.
class idle_list {
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
  date_clock date;
  idle_list idle;
  bool draining = false;                           // the program stops: answers say that they are the last
  bool crowded = false;                            // somebody waits for a place: likewise
  std::size_t busy = 0;                            // connections that are not in the idle list
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

  /// For a connection in the idle list: since when it is silent.
  task::time_point idle_since() const noexcept { return idle_since_; }
  /// Makes `run` of a connection in the idle list return, from another fiber. Never switches.
  void evict() noexcept { waiting_->request(); }

 private:
  friend class idle_list;

  enum class next_step : std::uint8_t { go_on, close, linger, cut_off };

  next_step serve_one();
  next_step read_head();
  arrival wait_for_request();
  arrival wait_for_bytes();
  next_step refuse(status why);
  next_step answer();
  void call_handler();
  next_step after_response();
  void linger();
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
  connection* idle_next_ = nullptr;
  connection* idle_previous_ = nullptr;
  task::time_point idle_since_{};
  task::cancel_region* waiting_ = nullptr;  // while in the idle list
  bool broken_off_ = false;                 // the response was begun and cannot be ended
  bool flusher_waits_ = false;
  task::scope flusher_{"http flush"};  // last: its fiber uses the rest
};

}  // namespace aster::http
