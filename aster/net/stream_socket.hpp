// The fiber-facing half of a connection: who waits for it, and what happens to their bytes meanwhile.
// Internal to this room.
#pragma once
#include <memory>
#include <optional>

#include "aster/net/core.hpp"
#include "aster/net/tcp/connection.hpp"

namespace aster::net {

class stream_socket final : public tcp::connection::watcher {
 public:
  stream_socket(std::shared_ptr<stack_core> core, tcp::connection& connection);
  stream_socket(const stream_socket&) = delete;
  stream_socket& operator=(const stream_socket&) = delete;
  ~stream_socket();

  /// Parks until the handshake has succeeded or failed.
  std::expected<void, error> wait_connected();

  std::expected<std::size_t, error> read(std::span<std::byte> out) { return *read_until(out, task::never); }
  /// Parks until there are bytes, the end or an error; nullopt at the deadline.
  std::optional<std::expected<std::size_t, error>> read_until(std::span<std::byte> out,
                                                              task::time_point deadline);
  std::expected<void, error> write(wire::bytes piece);
  void shutdown_write() noexcept;
  void abort() noexcept;

  tcp::connection& connection() { return connection_; }
  stack_core& core() { return *core_; }

 private:
  void changed(tcp::connection&) noexcept override;
  std::expected<void, error> write_lending(wire::bytes piece);
  void wait_until_queued_at_most(std::size_t bytes);

  std::shared_ptr<stack_core> core_;
  tcp::connection& connection_;
  task::wait_queue readable_{"bytes to read"};
  task::wait_queue writable_{"room to write"};
  std::size_t writer_waits_for_ = 0;  // to be woken when no more than so many bytes are queued
};

/// The socket of a connection that the caller has got from the host. Throws std::bad_alloc; then the
/// connection was let go.
std::unique_ptr<stream_socket> hold(std::shared_ptr<stack_core> core, tcp::connection& connection);

/// Opens a connection; parks until there is one.
std::expected<std::unique_ptr<stream_socket>, error> open_connection(std::shared_ptr<stack_core> core,
                                                                     const endpoint& remote);

}  // namespace aster::net
