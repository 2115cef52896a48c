// The instances of one service, as a proxy sees them: which one a request is given to, and who waits when
// there is none.
//
//   proxy::upstream links{connect, {}};
//   links.set_instances({{net::ipv4_address{10, 0, 0, 7}, 80}});
//   if (auto place = links.take()) place->link() …
//
// A request goes to the instance with the fewest requests under way. One that fails several times in a row is
// left alone for a while, and then tried with one request at first (a circuit breaker). When no instance has
// room the request waits, and whoever decides how many instances there are is told of the demand: so a
// service may sleep, and its first request wakes it. However many wait, nobody is asked but once for each.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "aster/http/client_connection.hpp"
#include "aster/http/limits.hpp"
#include "aster/net/address.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::proxy {

struct upstream_options {
  std::size_t concurrency = 64;                        // requests that one instance has at once
  std::size_t most_waiting = 10'000;                   // requests that wait for an instance, at most
  task::duration patience = std::chrono::seconds{30};  // … each for so long
  task::duration connecting = std::chrono::seconds{2};
  task::duration idle = std::chrono::seconds{30};         // an unused connection is kept for so long
  std::size_t idle_connections = 64;                      // … and so many to each instance
  unsigned failures = 3;                                  // in a row, until an instance is left alone …
  task::duration pause = std::chrono::milliseconds{500};  // … for so long, doubled each time, …
  task::duration most_pause = std::chrono::seconds{30};   // … up to this
  // Of responses. One may be silent for a while in the middle: it is a stream of events.
  http::limits limits{.content = std::chrono::minutes{5}};
};

/// Why there is no instance for a request.
enum class unavailable : std::uint8_t {
  overloaded,  // too many wait already
  late,        // none had room in time
  refused,     // the service is not to be waited for: see `refuse`
};

class upstream {
 public:
  using connect_function =
      std::function<std::expected<std::unique_ptr<net::byte_stream>, net::error>(net::endpoint)>;

  /// A connection to an instance, kept from request to request.
  struct link {
    link(std::unique_ptr<net::byte_stream> s, const http::limits& limits)
        : stream(std::move(s)), http(*stream, limits) {}
    std::unique_ptr<net::byte_stream> stream;
    http::client_connection http;
    bool is_used = false;  // has carried a request: the server may have closed it since
    task::time_point idle_since{};
  };

  class place;

 private:
  struct instance {
    net::endpoint where;
    std::size_t outstanding = 0;
    unsigned failures = 0;           // in a row
    task::time_point rests_until{};  // left alone
    bool is_tried = false;           // one request finds out whether it is well again
    bool is_leaving = false;         // gets no request any more
    std::vector<std::unique_ptr<link>> idle;
    std::vector<place*> places;  // of those under way
  };

 public:
  /// A place at an instance, taken until the end of its life.
  class place {
   public:
    place(place&& other) noexcept;
    place& operator=(place&&) = delete;
    ~place();

    const net::endpoint& where() const { return instance_->where; }
    /// Whether it has been taken off meanwhile.
    bool is_leaving() const { return instance_->is_leaving; }

    /// A connection: an unused one, or with `fresh` a new one. Parks. It has to live until the next call here
    /// or the end of the place.
    [[nodiscard]] std::expected<std::unique_ptr<link>, net::error> connect(bool fresh = false);

    /// The instance has answered. The connection is kept when another request may follow on it.
    void succeeded(std::unique_ptr<link> used);
    /// It has not, and that was not the connection's age.
    void failed();
    /// No connection could be opened: nobody is there, which is clear after one time.
    void unreachable();

   private:
    friend class upstream;
    place(upstream& of, std::shared_ptr<instance> at);
    upstream* upstream_;
    std::shared_ptr<instance> instance_;
    net::byte_stream* stream_ = nullptr;  // of the connection that was handed out and is in use
  };

  /// `connect` parks. `on_demand` is called when a request has begun to wait; it must not park.
  upstream(connect_function connect, const upstream_options& options, std::function<void()> on_demand = {});
  /// Nobody may wait or hold a place any more.
  ~upstream();
  upstream(const upstream&) = delete;
  upstream& operator=(const upstream&) = delete;

  /// The instances there are from now on. One that is left out gets no new request, and keeps those it has.
  void set_instances(std::span<const net::endpoint> now);

  /// From now on nobody waits: who waits and who comes when there is no room is told `refused`, until this is
  /// taken back. For a service whose instances end again and again.
  void refuse(bool on);

  /// Requests that one instance has at once, from now on.
  void set_concurrency(std::size_t most);

  /// A place at the instance with the fewest requests, when possible not at `except`. Parks until there is
  /// room; who waits longest gets it first.
  [[nodiscard]] std::expected<place, unavailable> take(const net::endpoint* except = nullptr);

  /// Requests that wait for a place, and those that have one.
  std::size_t waiting() const { return waiting_; }
  std::size_t outstanding() const { return outstanding_; }
  /// Whether an instance has been taken off and still has requests.
  bool is_draining() const;
  bool is_draining(const net::endpoint& where) const;

  /// Closes connections that were unused for upstream_options::idle; otherwise that happens when the next
  /// request comes, and may be long after the instance would rather have slept. Does not park.
  void close_idle();

  /// Ends all connections to an instance that is known to be gone: a request under way there fails at once,
  /// and is repeated elsewhere when it may be. Does not park.
  void break_off(const net::endpoint& where);

  /// Calls `take(where, outstanding)` for each instance, and for those that were taken off and still have
  /// requests.
  template <typename Function>
  void each_instance(Function&& take) const {
    for (const auto& i : instances_) take(i->where, i->outstanding);
  }

  const upstream_options& options() const { return options_; }

 private:
  std::shared_ptr<instance> pick(const net::endpoint* except);
  task::time_point next_try() const;
  void drop_old(instance& of);
  void rest(instance& of);
  place occupy(std::shared_ptr<instance> at);

  connect_function connect_;
  upstream_options options_;
  std::function<void()> on_demand_;
  std::vector<std::shared_ptr<instance>> instances_;
  std::size_t waiting_ = 0, outstanding_ = 0;
  bool refuses_ = false;
  task::wait_queue room_{"room at an instance"};
};

}  // namespace aster::proxy
