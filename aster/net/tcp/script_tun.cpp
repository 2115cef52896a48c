#include "aster/net/tcp/script_tun.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <span>

#include "aster/net/tcp/script_line.hpp"

namespace aster::net::tcp {

void cannot_run(const char* what) {
  throw not_for_linux{std::string{"cannot run: "} + what + ": " + std::strerror(errno)};
}

void write_network_setting(const std::string& name, std::string_view value) {
  std::ofstream{"/proc/sys/net/" + name} << value;
}

script_tun::script_tun(std::uint32_t mtu) : fd_(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
  if (fd_ < 0) cannot_run("/dev/net/tun");
  ifreq r{};
  std::strcpy(r.ifr_name, "wire");
  r.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(fd_, TUNSETIFF, &r) != 0) cannot_run("TUNSETIFF");
  write_network_setting("ipv6/conf/wire/disable_ipv6", "1");
  const int s = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  auto& a = reinterpret_cast<sockaddr_in&>(r.ifr_addr);
  a = {.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(0x0a000002)}, .sin_zero = {}};
  if (::ioctl(s, SIOCSIFADDR, &r) != 0) cannot_run("address");
  a.sin_addr.s_addr = htonl(0xffffff00);
  if (::ioctl(s, SIOCSIFNETMASK, &r) != 0) cannot_run("netmask");
  r.ifr_mtu = static_cast<int>(mtu);
  if (::ioctl(s, SIOCSIFMTU, &r) != 0) cannot_run("mtu");
  r.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(s, SIOCSIFFLAGS, &r) != 0) cannot_run("up");
  ::close(s);
}

script_tun::~script_tun() { ::close(fd_); }

void script_tun::send(std::uint8_t protocol, wire::bytes body, std::uint8_t traffic_class) {
  std::vector<std::byte> packet(wire::ipv4::size + body.size());
  wire::ipv4{.source = script_theirs,
             .destination = script_ours,
             .protocol = protocol,
             .traffic_class = traffic_class,
             .payload_size = static_cast<std::uint16_t>(body.size())}
      .emit(packet);
  std::ranges::copy(body, packet.begin() + wire::ipv4::size);
  if (::write(fd_, packet.data(), packet.size()) < 0) cannot_run("write");
}

void script_tun::listen(moment until, bool first) {
  for (;;) {
    take();
    if (first && !sent.empty()) return;
    const moment now = std::chrono::steady_clock::now();
    if (now >= until) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    pollfd p{fd_, POLLIN, 0};
    // The last millisecond is not slept through, so that a line comes at its time.
    ::poll(&p, 1, static_cast<int>(std::max<long>(left - 1, 0)));
  }
}

void script_tun::take() {
  std::array<std::byte, 65536> buffer;
  for (;;) {
    const ssize_t n = ::read(fd_, buffer.data(), buffer.size());
    if (n <= 0) return;
    const auto packet = wire::ipv4::parse(std::span{buffer}.first(static_cast<std::size_t>(n)));
    if (!packet || packet->header.protocol != wire::ipv4::tcp) continue;
    const auto s = wire::tcp::parse(packet->payload, script_ours, script_theirs, true);
    if (!s) throw script_failed{"Linux sent a malformed segment"};
    sent.push_back({std::chrono::steady_clock::now(),
                    packet->header,
                    s->header,
                    {s->payload.begin(), s->payload.end()}});
  }
}

}  // namespace aster::net::tcp
