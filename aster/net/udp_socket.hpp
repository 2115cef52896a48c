// UDP: datagrams from and to anybody on one port, or one other end.
//
//   net::udp_socket socket = stack.bind(7);
//   while (auto d = socket.receive()) {                 // until the stack ends
//     if (!socket.send_to(d->from, d->payload)) break;  // echo
//   }
//
// There is no call for many datagrams at once, because nothing would be saved: one that waits is received
// without a switch, and what is sent until the machine would wait goes to the device in one go. Who sends
// faster than the device takes is parked; who receives slower than others send loses datagrams, and can see
// how many.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <vector>

#include "aster/net/address.hpp"
#include "aster/net/byte_stream.hpp"

namespace aster::net {

struct datagram {
  endpoint from;
  std::vector<std::byte> payload;
};

struct bind_options {
  /// What may wait to be received; what arrives beyond is dropped and counted, here in `dropped` and for the
  /// whole stack in `udp_queue_full`.
  std::size_t datagrams = 256;
  std::size_t bytes = 64 * 1024;
};

class datagram_socket;  // the fiber-facing half (udp_socket.cpp)

class udp_socket {
 public:
  explicit udp_socket(std::unique_ptr<datagram_socket>) noexcept;
  udp_socket(udp_socket&&) noexcept;
  udp_socket& operator=(udp_socket&&) noexcept;
  ~udp_socket();  // frees the port; what was not received is dropped

  /// The next datagram. Parks the fiber until there is one. error::closed: the stack has ended. On a
  /// connected socket also what became of one that was sent: error::refused (nobody listens there),
  /// error::unreachable; then the socket can be used on.
  [[nodiscard]] std::expected<datagram, error> receive();

  /// Sends one datagram: at most 65,507 bytes (larger ones: error::invalid). Beyond 1,472, at the usual MTU
  /// of 1,500, it leaves in fragments, and is lost when one of them is. Parks while the device is full or the
  /// stack has no address yet. Success says that it was handed to the network, never that it arrived.
  [[nodiscard]] std::expected<void, error> send_to(const endpoint& to, std::span<const std::byte> payload);

  /// From now on there is one other end: `send` sends to it, datagrams of others do not arrive, and errors
  /// that the network reports about those to it do. May be called again.
  void connect(const endpoint& peer) noexcept;

  /// `send_to` the other end. error::invalid: there is none. An error about an earlier datagram is told
  /// instead.
  [[nodiscard]] std::expected<void, error> send(std::span<const std::byte> payload);

  /// Datagrams that found the queue full.
  std::uint64_t dropped() const noexcept;

  std::uint16_t port() const noexcept;

 private:
  std::unique_ptr<datagram_socket> socket_;
};

}  // namespace aster::net
