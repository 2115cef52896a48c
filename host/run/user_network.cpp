#include "host/run/user_network.hpp"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <format>

namespace aster::host {
namespace {

constexpr int frames_in_child = 3;
constexpr int start_limit_ms = 10'000;

}  // namespace

std::expected<user_network, std::string> start_user_network(const attached_device& device) {
  const auto path = find_own_program("aster-usernet");
  if (!path) return std::unexpected(path.error());
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
    return std::unexpected(std::format("no socket for the user-mode network: {}", std::strerror(errno)));
  }
  descriptor ours(pair[0]), theirs(pair[1]);

  program usernet{.path = *path,
                  .arguments = {"aster-usernet", "--frames", std::to_string(frames_in_child), "--network",
                                std::format("10.0.{}.0", 2 + device.network)},
                  .environment = {},
                  .descriptors = {{theirs.get(), frames_in_child}},
                  .own_group = true};
  for (const port_forward& forward : device.ports) {
    const auto* const a = reinterpret_cast<const std::uint8_t*>(&forward.address);
    usernet.arguments.insert(
        usernet.arguments.end(),
        {"--forward", std::format("{}.{}.{}.{}:{}:{}{}", a[0], a[1], a[2], a[3], forward.host_port,
                                  forward.guest_port, forward.udp ? "/udp" : "")});
  }
  auto process = start(usernet);
  if (!process) return std::unexpected(process.error());
  theirs.close();
  // A message too short to be a frame says that the ports are open; the end of the stream, that usernet has
  // said why not and gone.
  char ready = 0;
  for (;;) {
    pollfd event{.fd = ours.get(), .events = POLLIN, .revents = 0};
    const int answered = poll(&event, 1, start_limit_ms);
    if (answered < 0) continue;
    if (answered == 0) return std::unexpected("the user-mode network did not start in time");
    if (read(ours.get(), &ready, 1) == 1) return user_network{std::move(*process), std::move(ours)};
    return std::unexpected("the user-mode network did not start");
  }
}

}  // namespace aster::host
