// A network for an image without any privilege on the host: libslirp (the user-mode network of QEMU) turns
// the image's frames into ordinary sockets of this process, and back.
//
// The network 10.0.N.0/24 has the image at .15, a gateway at .2 (which is also the host), a DNS relay at .3,
// and answers DHCP. Whatever the image connects to, this process connects to; published ports are sockets
// that this process listens on. A larger network, of several images behind a switch, has its gateway where it
// is said, and there the host itself is out of reach.
#pragma once
#include <netinet/in.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace aster::host {

class user_mode_network {
 public:
  /// Addresses in network byte order.
  struct addresses {
    in_addr network{};  // whose last bits are 0
    in_addr mask{};
    in_addr gateway{};  // connections to it lead to the host's loopback, if `reaches_host`
    in_addr names{};
    in_addr image{};  // that DHCP gives, and where published ports lead
    bool reaches_host = true;
  };
  /// 10.0.N.0/24 as described above; `network` is the address whose last byte is 0.
  static addresses of_one_image(in_addr network);
  /// A network of `length` bits whose gateway is `gateway`; names and DHCP are at its end, where no image is.
  static addresses of_several_images(in_addr gateway, unsigned length);

  /// Frames pass through `frames`, a connected SOCK_SEQPACKET socket that stays the caller's.
  user_mode_network(int frames, const addresses& where);
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
