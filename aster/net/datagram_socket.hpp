// The fiber-facing half of a UDP port. Internal to this room.
#pragma once
#include <memory>

#include "aster/net/core.hpp"

namespace aster::net {

class datagram_socket final : public udp_port::watcher {
 public:
  datagram_socket(std::shared_ptr<stack_core> core, udp_port& port);
  datagram_socket(const datagram_socket&) = delete;
  datagram_socket& operator=(const datagram_socket&) = delete;
  ~datagram_socket();

  std::expected<datagram, error> receive();
  std::expected<void, error> send_to(const endpoint& to, wire::bytes payload);
  std::expected<void, error> send(wire::bytes payload);
  void connect(const endpoint& peer) { port_.connect(peer); }
  std::uint16_t port() const { return port_.number(); }
  std::uint64_t dropped() const { return port_.dropped(); }

 private:
  void changed(udp_port&) noexcept override { arrived_.notify_all(); }

  std::shared_ptr<stack_core> core_;
  udp_port& port_;
  task::wait_queue arrived_{"a datagram"};
};

}  // namespace aster::net
