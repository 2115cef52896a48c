// A listening port: handshakes under way, and connections that wait to be accepted.
//
// A SYN is answered only when the connection that may come of it has a place in the queue, so a finished
// handshake is never dropped. When all places are taken by handshakes that nobody finishes, the oldest gives
// its place to a new one once it has waited a second, and until then new ones are answered by cookies
// (syn_cookie.hpp): a flood cannot hold the port.
#pragma once
#include <cstddef>
#include <cstdint>

#include "aster/net/tcp/table.hpp"

namespace aster::net::tcp {

class acceptor {
 public:
  class watcher {
   public:
    virtual void ready(acceptor&) noexcept = 0;

   protected:
    ~watcher() = default;
  };

  acceptor(std::uint16_t port, std::size_t backlog) : port_(port), backlog_(backlog < 1 ? 1 : backlog) {}

  std::uint16_t port() const { return port_; }
  bool is_full() const { return half_open_.count + ready_.count >= backlog_; }
  bool has_place_for_ready() const { return ready_.count < backlog_; }
  bool has_ready() const { return ready_.first != nullptr; }
  std::size_t half_open() const { return half_open_.count; }
  std::size_t ready() const { return ready_.count; }

  void add_half_open(entry& e);
  /// The handshake is done: moves it to the ready ones and tells the watcher.
  void finished(entry& e);
  /// Takes an entry out of whichever queue it is in.
  void remove(entry& e);
  entry* oldest_half_open() const { return half_open_.first; }
  entry* first_ready() const { return ready_.first; }

  watcher* watched_by = nullptr;

 private:
  struct queue {
    entry* first = nullptr;
    entry* last = nullptr;
    std::size_t count = 0;
    void push(entry& e);
    void remove(entry& e);
  };
  std::uint16_t port_;
  std::size_t backlog_;
  queue half_open_;
  queue ready_;
};

}  // namespace aster::net::tcp
