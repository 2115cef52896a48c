// The peer: the services of streams.cpp by the Linux kernel's TCP, one process, epoll, a large buffer, as one
// would write it by hand.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

constexpr std::size_t piece = 256 * 1024;
enum service : std::uint32_t { echo, discard, generate };

int listen_on(std::uint16_t port) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (bind(s, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 || listen(s, 512) < 0) return -1;
  return s;
}

// False: the connection has ended.
bool serve(service what, int s, std::vector<char>& bytes) {
  switch (what) {
    case echo: {
      const ssize_t n = read(s, bytes.data(), 4096);
      return n > 0 && write(s, bytes.data(), static_cast<std::size_t>(n)) == n;
    }
    case discard: return read(s, bytes.data(), bytes.size()) > 0;
    case generate: return send(s, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
  }
  return false;
}

}  // namespace

int main() {
  const int poll = epoll_create1(0);
  std::vector<char> bytes(piece, 'a');
  constexpr std::array<std::uint16_t, 3> ports{7, 9, 19};
  constexpr std::uint64_t listening = 1ull << 63;
  for (std::uint64_t i = 0; i < ports.size(); ++i) {
    const int s = listen_on(ports[i]);
    if (s < 0) {
      std::perror("listen");
      return 1;
    }
    epoll_event event{.events = EPOLLIN,
                      .data = {.u64 = listening | i << 32 | static_cast<std::uint32_t>(s)}};
    epoll_ctl(poll, EPOLL_CTL_ADD, s, &event);
  }
  for (;;) {
    std::array<epoll_event, 64> events;
    const int count = epoll_wait(poll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
      const auto what = static_cast<service>((data & ~listening) >> 32);
      const int s = static_cast<int>(data & 0xffffffff), one = 1;
      if ((data & listening) == 0) {
        if (!serve(what, s, bytes)) close(s);
        continue;
      }
      const int accepted = accept4(s, nullptr, nullptr, SOCK_NONBLOCK);
      if (accepted < 0) continue;
      setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      epoll_event event{.events = what == generate ? EPOLLOUT : EPOLLIN,
                        .data = {.u64 = std::uint64_t{what} << 32 | static_cast<std::uint32_t>(accepted)}};
      epoll_ctl(poll, EPOLL_CTL_ADD, accepted, &event);
    }
  }
}
