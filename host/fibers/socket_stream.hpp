// A connected socket of Linux as a stream: what aster/http and all above it are written against.
//
//   auto api = connect_unix("/run/user/1000/…/api");
//   if (!api) return complain(api.error());
//   http::client_connection asked{**api, limits};
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "aster/net/byte_stream.hpp"
#include "host/fibers/readiness.hpp"
#include "host/run/descriptor.hpp"

namespace aster::host {

class socket_stream final : public net::byte_stream {
 public:
  /// Takes a connected SOCK_STREAM socket and makes it non-blocking. Throws std::system_error.
  explicit socket_stream(descriptor socket);

  using byte_stream::write;
  [[nodiscard]] std::expected<std::size_t, net::error> read(std::span<std::byte> out) override;
  [[nodiscard]] std::expected<void, net::error> write(
      std::span<const std::span<const std::byte>> pieces) override;
  void shutdown_write() noexcept override;
  void abort() noexcept override;

  int handle() const noexcept { return socket_.get(); }

 private:
  descriptor socket_;
  readiness ready_;
};

/// Connects to a Unix socket. The error is one line: what and why. Does not park.
std::expected<std::unique_ptr<socket_stream>, std::string> connect_unix(const std::filesystem::path& path);

/// Connects to `address` (IPv4, host byte order) and `port`. Parks until the handshake is done.
std::expected<std::unique_ptr<socket_stream>, std::string> connect_tcp(std::uint32_t address,
                                                                       std::uint16_t port);

}  // namespace aster::host
