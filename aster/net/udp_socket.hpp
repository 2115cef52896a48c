// UDP: datagrams from and to anybody on one port.
//
//   net::udp_socket socket = stack.bind(7);
//   for (;;) {
//     const net::datagram d = socket.receive();
//     if (!socket.send_to(d.from, d.payload)) break;   // echo
//   }
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

class datagram_socket;  // the fiber-facing half (udp_socket.cpp)

class udp_socket {
 public:
  explicit udp_socket(std::unique_ptr<datagram_socket>) noexcept;
  udp_socket(udp_socket&&) noexcept;
  udp_socket& operator=(udp_socket&&) noexcept;
  ~udp_socket();  // frees the port; what was not received is dropped

  /// The next datagram. Parks the fiber until there is one. Those that find the queue full (64 KiB or
  /// 256 datagrams) are dropped and counted in `udp_queue_full`.
  [[nodiscard]] datagram receive();

  /// Sends one datagram: at most 65,507 bytes (larger ones: error::invalid). Beyond 1,472, at the usual MTU
  /// of 1,500, it leaves in fragments, and is lost when one of them is. Parks while the device is full or the
  /// stack has no address yet. Success says that it was handed to the network, never that it arrived.
  [[nodiscard]] std::expected<void, error> send_to(endpoint to, std::span<const std::byte> payload);

  std::uint16_t port() const noexcept;

 private:
  std::unique_ptr<datagram_socket> socket_;
};

}  // namespace aster::net
