// A listening socket of Linux, whose connections fibers accept.
//
//   auto door = socket_listener::on_unix(folder / "api");
//   if (!door) return complain(door.error());
//   serve_http(*door, app);
#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "aster/http/handler.hpp"
#include "aster/http/options.hpp"
#include "host/fibers/readiness.hpp"
#include "host/run/descriptor.hpp"

namespace aster::host {

class socket_listener {
 public:
  /// Listens on a Unix socket that nobody but this user (and root) can open. A name that is left of a program
  /// that has ended is taken over; where somebody listens, it is an error. `type`: SOCK_STREAM or
  /// SOCK_SEQPACKET.
  static std::expected<socket_listener, std::string> on_unix(const std::filesystem::path& path,
                                                             int type = SOCK_STREAM);
  /// Listens on `address` (IPv4, host byte order); port 0 takes any free one.
  static std::expected<socket_listener, std::string> on_tcp(std::uint32_t address, std::uint16_t port);

  socket_listener(socket_listener&&) noexcept = default;
  socket_listener& operator=(socket_listener&&) noexcept = default;
  /// Removes the name of a Unix socket.
  ~socket_listener();

  /// The next connection; non-blocking, closed on exec. Parks. When there is no descriptor left for it, it
  /// waits until there is. Throws task::cancelled.
  descriptor accept();

  std::uint16_t port() const;  // of TCP

 private:
  explicit socket_listener(descriptor socket, std::filesystem::path path);
  descriptor socket_;
  std::unique_ptr<readiness> ready_;
  std::filesystem::path path_;
};

/// Serves HTTP on each connection, at most options.connections at a time, until the program is asked to stop
/// or the fiber is cancelled; requests under way then have options.drain. `allow` is asked about each
/// connection before a byte of it is read; empty: all are let in. Parks; throws task::cancelled.
void serve_http(socket_listener& listener, http::handler_reference handler, const http::options& options = {},
                const std::function<bool(int socket)>& allow = {});

}  // namespace aster::host
