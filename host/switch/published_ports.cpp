#include "host/switch/published_ports.hpp"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <exception>
#include <format>

#include "aster/task/cancellation.hpp"
#include "aster/task/wait_queue.hpp"
#include "host/fibers/socket_listener.hpp"
#include "host/fibers/socket_stream.hpp"
#include "host/switch/bridge.hpp"
#include "host/switch/note.hpp"

namespace aster::host {

struct published_ports::door {
  switch_control::publish what;
  socket_listener listening;
  task::cancel_region* accepting = nullptr;
  bool closed = false;
  std::size_t open = 0;
  task::wait_queue left{"a connection to end"};
};

std::expected<void, std::string> published_ports::publish(const switch_control::publish& what) {
  const auto address = net::ipv4_address::parse(what.address);
  if (!address) return std::unexpected(std::format("{} is no IPv4 address", what.address));
  if (what.port == 0 || what.to == 0) return std::unexpected("a port is a number from 1 to 65535");
  if (!board_.has(what.station)) return std::unexpected(std::format("there is no station {}", what.station));
  if (const auto at = doors_.find({what.address, what.port}); at != doors_.end()) {
    at->second->what = what;
    return {};
  }
  errno = 0;
  auto listening = socket_listener::on_tcp(address->value, what.port);
  if (!listening) {
    switch (errno) {
      case EADDRINUSE:
        return std::unexpected(
            std::format("port {} of {} is in use; stop what listens there (ss -lp) or choose another",
                        what.port, what.address));
      case EACCES:
        return std::unexpected(std::format("port {} needs privileges; choose one above 1023", what.port));
      default: return std::unexpected(listening.error());
    }
  }
  auto d = std::make_shared<door>(what, *std::move(listening));
  doors_.emplace(std::pair{what.address, what.port}, d);
  fibers_.spawn("published port", [this, d] { serve(d); });
  return {};
}

void published_ports::unpublish(const std::string& address, std::uint16_t port) {
  const auto at = doors_.find({address, port});
  if (at == doors_.end()) return;
  door& d = *at->second;
  d.closed = true;
  if (d.accepting != nullptr) d.accepting->request();
  doors_.erase(at);  // its fiber holds it, and closes the port
}

void published_ports::forget(std::uint32_t station) {
  std::vector<std::pair<std::string, std::uint16_t>> gone;
  for (const auto& [key, d] : doors_)
    if (d->what.station == station) gone.push_back(key);
  for (const auto& [address, port] : gone) unpublish(address, port);
}

std::vector<switch_control::publish> published_ports::all() const {
  std::vector<switch_control::publish> list;
  for (const auto& [key, d] : doors_) list.push_back(d->what);
  return list;
}

void published_ports::serve(const std::shared_ptr<door>& d) {
  if (d->closed) return;
  task::cancel_region accepting;
  d->accepting = &accepting;
  try {
    for (;;) {
      while (d->open >= connection_limit) d->left.wait();
      descriptor client = d->listening.accept();
      ++d->open;
      fibers_.spawn("published connection", [this, d, c = std::move(client)]() mutable {
        connect(*d, std::move(c));
        --d->open;
        d->left.notify_all();
      });
    }
  } catch (const task::cancelled&) {
    d->accepting = nullptr;
    if (accepting.requested_outside() || !accepting.requested()) throw;
    // The port itself is closed now, also while its connections go on.
    const auto closing = std::move(d->listening);
  }
}

void published_ports::connect(door& d, descriptor client) {
  try {
    socket_stream outside{std::move(client)};
    auto inside = board_.dial(d.what.station, d.what.to, task::after(task::now(), patience));
    if (!inside) return outside.abort();
    bridge(outside, *inside);
  } catch (const std::exception& e) {
    note(std::format("port {}: a connection was lost: {}", d.what.port, e.what()));
  }
}

}  // namespace aster::host
