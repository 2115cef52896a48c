#include "aster/net/sockets.hpp"

#include "aster/net/engine.hpp"

namespace aster::net {

void visit_sockets(engine& e, void (*visit)(void* argument, const socket_info& s), void* argument) {
  socket_info s{.protocol = "tcp", .state = "LISTEN", .local = {}, .remote = {}};
  for (const auto& a : e.tcp().acceptors()) {
    s.local.port = a->port();
    s.receive_queue = a->ready();
    s.send_queue = a->half_open();
    visit(argument, s);
  }
  s = {.protocol = "udp", .state = "OPEN", .local = {}, .remote = {}};
  for (const auto& p : e.udp().ports()) {
    s.local.port = p->number();
    s.remote = p->peer().value_or(endpoint{});
    s.receive_queue = p->bytes();
    visit(argument, s);
  }
  s.protocol = "tcp";
  e.tcp().for_each_connection([&](const tcp::connection& c) {
    s.state = to_string(c.state());
    s.local = c.id().local;
    s.remote = c.id().remote;
    s.info = c.info();
    s.receive_queue = s.info.readable;
    s.send_queue = s.info.queued;
    visit(argument, s);
  });
  s = {.protocol = "tcp", .state = "TIME-WAIT", .local = {}, .remote = {}};
  e.tcp().for_each_resting([&](const tcp::connection_id& id) {
    s.local = id.local;
    s.remote = id.remote;
    visit(argument, s);
  });
}

std::vector<socket_info> sockets_of(engine& e, std::size_t limit) {
  struct gathered {
    std::vector<socket_info> all;
    std::size_t limit;
  } g{{}, limit};
  visit_sockets(
      e,
      [](void* to, const socket_info& s) {
        auto& into = *static_cast<gathered*>(to);
        if (into.all.size() < into.limit) into.all.push_back(s);
      },
      &g);
  return std::move(g.all);
}

}  // namespace aster::net
