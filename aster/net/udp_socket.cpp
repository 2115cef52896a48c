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

std::expected<datagram, error> datagram_socket::receive() {
  task::checkpoint();
  for (;;) {
    if (!port_.empty()) return port_.pop();
    if (const auto failure = port_.take_failure()) return std::unexpected{*failure};
    if (core_->is_stopped()) return std::unexpected{error::closed};
    arrived_.wait();
  }
}

std::expected<void, error> datagram_socket::send(wire::bytes payload) {
  if (!port_.peer()) return std::unexpected{error::invalid};
  if (const auto failure = port_.take_failure()) return std::unexpected{*failure};
  return send_to(*port_.peer(), payload);
}

std::expected<void, error> datagram_socket::send_to(const endpoint& to, wire::bytes payload) {
  task::checkpoint();
  for (;;) {
    if (core_->is_stopped()) return std::unexpected{error::closed};
    if (!core_->wait_for_source(to.address, task::now() + patience))
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

std::expected<datagram, error> udp_socket::receive() {
  if (!socket_) return std::unexpected{error::closed};
  return socket_->receive();
}

std::expected<void, error> udp_socket::send_to(const endpoint& to, std::span<const std::byte> payload) {
  if (!socket_) return std::unexpected{error::closed};
  return socket_->send_to(to, payload);
}

std::expected<void, error> udp_socket::send(std::span<const std::byte> payload) {
  if (!socket_) return std::unexpected{error::closed};
  return socket_->send(payload);
}

void udp_socket::connect(const endpoint& peer) noexcept {
  if (socket_) socket_->connect(peer);
}

std::uint64_t udp_socket::dropped() const noexcept { return socket_ ? socket_->dropped() : 0; }

std::uint16_t udp_socket::port() const noexcept { return socket_ ? socket_->port() : 0; }

}  // namespace aster::net
