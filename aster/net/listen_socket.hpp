// The fiber-facing half of a listening port. Internal to this room.
#pragma once
#include <memory>

#include "aster/net/core.hpp"
#include "aster/net/stream_socket.hpp"

namespace aster::net {

class listen_socket final : public tcp::acceptor::watcher {
 public:
  listen_socket(std::shared_ptr<stack_core> core, tcp::acceptor& acceptor);
  listen_socket(const listen_socket&) = delete;
  listen_socket& operator=(const listen_socket&) = delete;
  ~listen_socket() { close(); }

  std::unique_ptr<stream_socket> accept();
  void close() noexcept;
  std::uint16_t port() const { return port_; }

 private:
  void ready(tcp::acceptor&) noexcept override;

  std::shared_ptr<stack_core> core_;
  tcp::acceptor* acceptor_;  // null once closed
  std::uint16_t port_;
  task::wait_queue ready_{"a connection"};
};

}  // namespace aster::net
