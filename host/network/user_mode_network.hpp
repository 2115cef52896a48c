// A network for an image without any privilege on the host: libslirp (the user-mode network of QEMU) turns
// the image's frames into ordinary sockets of this process, and back.
//
// The network 10.0.N.0/24 has the image at .15, a gateway at .2 (which is also the host), a DNS relay at .3,
// and answers DHCP. Whatever the image connects to, this process connects to; published ports are sockets
// that this process listens on.
#pragma once
#include <netinet/in.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace aster::host {

class user_mode_network {
 public:
  /// Frames pass through `frames`, a connected SOCK_SEQPACKET socket that stays the caller's.
  /// `network` is the address whose last byte is 0, in network byte order.
  user_mode_network(int frames, in_addr network);
  ~user_mode_network();

  /// Opens the host's port and leads it to the image's. An error is a sentence about the port.
  std::expected<void, std::string> publish(in_addr address, std::uint16_t host_port, std::uint16_t guest_port,
                                           bool udp);

  /// Carries frames until the image closes its end. Sleeps while nothing happens.
  void serve();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace aster::host
