#include "aster/http/server.hpp"

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "abi/platform.hpp"
#include "aster/http/connection.hpp"
#include "aster/net/stream.hpp"
#include "aster/task/cancellation.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/event.hpp"
#include "aster/task/scope.hpp"

namespace aster::http {
namespace {

constexpr limits::duration eviction_grace = std::chrono::seconds{1};  // for a client to follow a FIN

class server {
 public:
  server(net::listener listener, handler_reference handler, const options& options)
      : options_(options), listener_(std::move(listener)), shared_{handler, options, {}, {}} {}

  void run() {
    if (accept_until_stopped()) drain();
  }

 private:
  /// True: the program is asked to stop. Throws for every other end.
  bool accept_until_stopped() {
    try {
      for (;;) {
        net::stream client = listener_.accept();
        make_room();
        start(std::move(client));
      }
    } catch (const task::cancelled&) {
      if (!task::stopping()) throw;
    }
    return true;
  }

  void make_room() {
    while (open_ >= options_.connections) {
      if (connection* longest = shared_.idle.front()) longest->evict();
      static_cast<void>(ended_.wait_until(task::after(task::now(), eviction_grace)));
    }
  }

  void start(net::stream stream) {
    try {
      connections_.spawn(
          "http connection", [this, s = std::move(stream)]() mutable { serve(s); },
          {.stack_size = options_.stack_size});
    } catch (const std::bad_alloc&) {
      // This client is turned away; those that are served already keep what they have.
      if (connection* longest = shared_.idle.front()) longest->evict();
    }
  }

  void serve(net::stream& stream) {
    struct counted {
      server& self;
      explicit counted(server& s) : self(s) { ++self.open_; }
      ~counted() {
        --self.open_;
        self.ended_.notify_one();
      }
    } until_the_end{*this};
    try {
      connection{stream, shared_, stream.remote()}.run();
    } catch (const std::exception& e) {
      // Out of memory, or a bug of ours: this connection ends, the others know nothing of it.
      stream.abort();
      const std::string_view what{e.what()};
      abi::current_platform().note(what.data(), what.size());
    }
  }

  void drain() {
    const task::shield undisturbed;
    listener_.close();
    shared_.draining = true;
    const task::time_point deadline = task::after(task::now(), options_.drain);
    while (shared_.busy > 0 && shared_.quiet.wait_until(deadline)) {
    }
    connections_.cancel();
    connections_.join();
  }

  const options& options_;
  net::listener listener_;
  shared_state shared_;
  std::size_t open_ = 0;
  task::wait_queue ended_{"a connection to end"};
  task::scope connections_{"http"};  // last: its fibers use the rest
};

}  // namespace

void serve(net::listener listener, handler_reference handler, const options& options) {
  server{std::move(listener), handler, options}.run();
}

void serve_connection(net::byte_stream& stream, handler_reference handler, const options& options) {
  shared_state shared{handler, options, {}, {}};
  connection{stream, shared}.run();
}

}  // namespace aster::http
