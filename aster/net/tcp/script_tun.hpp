// The wire of scripts that are played against Linux: a tun device in the script's own network namespace, out
// of which come the packets that the kernel's TCP sends, and through which it gets its answers.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "aster/net/wire/ipv4.hpp"
#include "aster/net/wire/tcp.hpp"

namespace aster::net::tcp {

/// The script asks for something that only our host has.
struct not_for_linux {
  std::string why;
};

/// The same, for want of something that the test needs; `errno` says why.
[[noreturn]] void cannot_run(const char* what);

/// Writes a file below /proc/sys/net, which is the namespace's own.
void write_network_setting(const std::string& name, std::string_view value);

class script_tun {
 public:
  using moment = std::chrono::steady_clock::time_point;
  /// What the kernel has sent, and when that was seen.
  struct heard {
    moment at;
    wire::ipv4 ip;
    wire::tcp header;
    std::vector<std::byte> payload;
  };

  /// Has the address of `script_ours`, in a network with `script_theirs`.
  explicit script_tun(std::uint32_t mtu);
  script_tun(const script_tun&) = delete;
  script_tun& operator=(const script_tun&) = delete;
  ~script_tun();

  void send(std::uint8_t protocol, wire::bytes body, std::uint8_t traffic_class);

  /// Takes in what the kernel sends, until `until`, or until there is something if `first`.
  void listen(moment until, bool first);

  std::deque<heard> sent;

 private:
  void take();
  int fd_;
};

}  // namespace aster::net::tcp
