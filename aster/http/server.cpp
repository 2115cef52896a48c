#include "aster/http/server.hpp"

#include <unistd.h>

#include <algorithm>
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
#include "aster/task/ready.hpp"
#include "aster/task/scope.hpp"

namespace aster::http {
namespace {

constexpr limits::duration least_silence =
    std::chrono::seconds{1};  // before a connection may be closed for it

/// A server that accepts more than it has memory for dies of its guests.
std::size_t affordable_connections(const options& options) {
  constexpr std::size_t least = 16;
  const long pages = sysconf(_SC_AVPHYS_PAGES), page_size = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_size <= 0 || options.connection_memory == 0) return options.connections;
  const std::size_t free = static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_size);
  return std::min(options.connections, std::max(least, free / 2 / options.connection_memory));
}

class server {
 public:
  server(net::listener listener, handler_reference handler, const options& options)
      : options_(options),
        limit_(affordable_connections(options)),
        listener_(std::move(listener)),
        shared_{handler, options} {}

  void run() {
    platform::ready();
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

  /// Parks until there is a place for one more: one that says good-bye with its next answer, or one that has
  /// been silent for a while.
  void make_room() {
    while (open_ >= limit_) {
      shared_.crowded = true;
      task::time_point next_look = task::never;
      if (connection* const longest = shared_.idle.front()) {
        const task::time_point ripe = task::after(longest->idle_since(), least_silence);
        if (ripe <= task::now())
          longest->evict();
        else
          next_look = ripe;
      }
      static_cast<void>(shared_.changed.wait_until(next_look));
    }
    shared_.crowded = false;
  }

  /// One of the connections that there may be. Taken before the fiber is started, since many may be started
  /// before the first of them runs.
  class place {
   public:
    explicit place(server& s) : server_(&s) { ++s.open_; }
    place(place&& other) noexcept : server_(std::exchange(other.server_, nullptr)) {}
    ~place() {
      if (server_ == nullptr) return;
      --server_->open_;
      server_->shared_.changed.notify_all();
    }

   private:
    server* server_;
  };

  void start(net::stream stream) {
    try {
      connections_.spawn("http connection",
                         [this, taken = place{*this}, s = std::move(stream)]() mutable { serve(s); },
                         {.stack_size = options_.stack_size});
    } catch (const std::bad_alloc&) {
      // This client is turned away; those that are served already keep what they have.
      if (connection* longest = shared_.idle.front()) longest->evict();
    }
  }

  void serve(net::stream& stream) {
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
    for (connection* c = shared_.upgraded.front(); c != nullptr; c = c->next_in_list()) c->evict();
    const task::time_point deadline = task::after(task::now(), options_.drain);
    while (shared_.busy > 0 && shared_.changed.wait_until(deadline)) {
    }
    connections_.cancel();
    connections_.join();
  }

  const options& options_;
  const std::size_t limit_;
  net::listener listener_;
  shared_state shared_;
  std::size_t open_ = 0;
  task::scope connections_{"http"};  // last: its fibers use the rest
};

}  // namespace

void serve(net::listener listener, handler_reference handler, const options& options) {
  server{std::move(listener), handler, options}.run();
}

void serve_connection(net::byte_stream& stream, handler_reference handler, const options& options) {
  shared_state shared{handler, options};
  connection{stream, shared}.run();
}

}  // namespace aster::http
