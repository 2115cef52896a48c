// Everything that is open on a stack at one moment, as `ss` lists it: for logs, for metrics, for "why does it
// not answer".
//
//   for (const net::socket_info& s : stack.sockets()) log("{} {} {}", s.state, to_string(s.local),
//   to_string(s.remote));
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "aster/net/address.hpp"
#include "aster/net/tcp/info.hpp"

namespace aster::net {

class engine;

struct socket_info {
  std::string_view protocol;  // "tcp" or "udp"
  std::string_view state;  // of TCP as RFC 9293 writes it, "LISTEN" and "TIME-WAIT" among them; of UDP "OPEN"
  endpoint local, remote;  // unspecified where there is none
  /// Bytes that the program has not read; of a listener, connections that it has not accepted.
  std::size_t receive_queue = 0;
  /// Bytes that the peer has not acknowledged; of a listener, handshakes under way.
  std::size_t send_queue = 0;
  tcp::info info{};  // of a connection; else all zero
};

/// Calls `visit(argument, socket)` for each; it must not change any. What `sockets_of` is made of, and for
/// whoever needs no copy.
void visit_sockets(engine& e, void (*visit)(void* argument, const socket_info& s), void* argument);

/// Listeners, UDP ports, connections and then pairs of ends that rest (TIME-WAIT), at most `limit` in all. A
/// copy: it stays as it is.
std::vector<socket_info> sockets_of(engine& e, std::size_t limit);

}  // namespace aster::net
