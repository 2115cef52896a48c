// A port where connections arrive.
//
//   net::listener l = stack.listen(80);
//   for (;;) connections.spawn("connection", [s = l.accept()] mutable { serve(s); });
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "aster/net/address.hpp"
#include "aster/net/stream.hpp"

namespace aster::net {

struct listen_options {
  /// Connections that may be under way to `accept`: handshakes begun and finished ones not yet taken. A
  /// SYN beyond is not answered (its sender tries again) and counted in `tcp_backlog_full`.
  std::size_t backlog = 512;
};

class listen_socket;  // the fiber-facing half (listener.cpp)

class listener {
 public:
  explicit listener(std::unique_ptr<listen_socket>) noexcept;
  listener(listener&&) noexcept;
  listener& operator=(listener&&) noexcept;
  ~listener();  // stops listening; connections not yet accepted are reset

  /// The next connection, its handshake done. Parks the fiber until there is one. Throws
  /// std::logic_error once the listener is closed.
  [[nodiscard]] stream accept();

  /// Stops listening: a fiber parked in `accept` is woken with the error. Does not block.
  void close() noexcept;

  std::uint16_t port() const noexcept;

 private:
  std::unique_ptr<listen_socket> socket_;
};

}  // namespace aster::net
