#include "aster/net/udp_socket.hpp"

#include "aster/net/datagram_socket.hpp"

namespace aster::net {

namespace {
constexpr duration patience = std::chrono::seconds{30};  // for an address of our own
}

datagram_socket::datagram_socket(std::shared_ptr<stack_core> core, udp_port& port)
    : core_(std::move(core)), port_(port) {
  port_.watched_by = this;
}

datagram_socket::~datagram_socket() { core_->engine().udp().unbind(port_); }

datagram datagram_socket::receive() {
  task::checkpoint();
  while (port_.empty()) arrived_.wait();
  return port_.pop();
}

std::expected<void, error> datagram_socket::send_to(endpoint to, wire::bytes payload) {
  task::checkpoint();
  for (;;) {
    if (core_->is_stopped()) return std::unexpected{error::closed};
    if (!core_->engine().address() && !core_->wait_for_address(task::now() + patience))
      return std::unexpected{error::unreachable};
    const auto sent = core_->engine().udp().send(port_.number(), to, payload, task::now());
    if (sent || sent.error() != error::exhausted) return sent;
    core_->wait_for_room();
  }
}

udp_socket::udp_socket(std::unique_ptr<datagram_socket> socket) noexcept : socket_(std::move(socket)) {}
udp_socket::udp_socket(udp_socket&&) noexcept = default;
udp_socket& udp_socket::operator=(udp_socket&&) noexcept = default;
udp_socket::~udp_socket() = default;

datagram udp_socket::receive() { return socket_->receive(); }

std::expected<void, error> udp_socket::send_to(endpoint to, std::span<const std::byte> payload) {
  return socket_->send_to(to, payload);
}

std::uint16_t udp_socket::port() const noexcept { return socket_ ? socket_->port() : 0; }

}  // namespace aster::net
