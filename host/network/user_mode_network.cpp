#include "host/network/user_mode_network.hpp"

#include <errno.h>
#include <libslirp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <cstring>
#include <format>
#include <limits>
#include <vector>

#include "host/network/frame_socket.hpp"

namespace aster::host {
namespace {

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

constexpr std::int64_t no_time = std::numeric_limits<std::int64_t>::max();

/// libslirp's only timer kind (router advertisements), in the shape that its callbacks want.
struct timer {
  SlirpTimerCb call;
  void* argument;
  std::int64_t expires_ms = no_time;
};

short to_poll(int events) {
  return static_cast<short>(((events & SLIRP_POLL_IN) != 0 ? POLLIN : 0) |
                            ((events & SLIRP_POLL_OUT) != 0 ? POLLOUT : 0) |
                            ((events & SLIRP_POLL_PRI) != 0 ? POLLPRI : 0));
}

int from_poll(short events) {
  return ((events & POLLIN) != 0 ? SLIRP_POLL_IN : 0) | ((events & POLLOUT) != 0 ? SLIRP_POLL_OUT : 0) |
         ((events & POLLPRI) != 0 ? SLIRP_POLL_PRI : 0) | ((events & POLLERR) != 0 ? SLIRP_POLL_ERR : 0) |
         ((events & POLLHUP) != 0 ? SLIRP_POLL_HUP : 0);
}

in_addr host_of(in_addr network, std::uint32_t number) { return {network.s_addr | htonl(number)}; }

}  // namespace

struct user_mode_network::state {
  state(int frames, const addresses& a) : descriptor(frames), where(a), socket(frames) {}

  int descriptor;
  addresses where;
  frame_socket socket;
  std::vector<pollfd> watched;
  std::vector<std::unique_ptr<timer>> timers;
  Slirp* slirp = nullptr;

  static state& of(void* opaque) { return *static_cast<state*>(opaque); }

  /// Milliseconds until the first timer, at most `limit`.
  std::uint32_t until_timer(std::uint32_t limit) const {
    const std::int64_t now = now_ns() / 1'000'000;
    for (const auto& t : timers) {
      if (t->expires_ms == no_time) continue;
      const std::int64_t left = std::max<std::int64_t>(t->expires_ms - now, 0);
      if (left < static_cast<std::int64_t>(limit)) limit = static_cast<std::uint32_t>(left);
    }
    return limit;
  }

  void run_timers() {
    const std::int64_t now = now_ns() / 1'000'000;
    for (std::size_t i = 0; i < timers.size(); ++i) {
      timer& t = *timers[i];
      if (t.expires_ms > now) continue;
      t.expires_ms = no_time;
      t.call(t.argument);
    }
  }
};

user_mode_network::addresses user_mode_network::of_one_image(in_addr network) {
  return {.network = network,
          .mask = {htonl(0xffffff00u)},
          .gateway = host_of(network, 2),
          .names = host_of(network, 3),
          .image = host_of(network, 15),
          .reaches_host = true};
}

user_mode_network::addresses user_mode_network::of_several_images(in_addr gateway, unsigned length) {
  const std::uint32_t mask = ~std::uint32_t{0} << (32 - length);
  const in_addr network{gateway.s_addr & htonl(mask)};
  return {.network = network,
          .mask = {htonl(mask)},
          .gateway = gateway,
          .names = host_of(network, ~mask - 2),
          .image = host_of(network, ~mask - 1),
          .reaches_host = false};
}

user_mode_network::user_mode_network(int frames, const addresses& where)
    : state_(std::make_unique<state>(frames, where)) {
  // libslirp keeps both for as long as it lives.
  static constexpr SlirpCb callbacks{
      .send_packet = [](const void* frame, std::size_t size, void* opaque) -> ssize_t {
        state::of(opaque).socket.send(std::span(static_cast<const std::byte*>(frame), size));
        return static_cast<ssize_t>(size);
      },
      .guest_error = [](const char*, void*) {},  // an image's mistakes are its own
      .clock_get_ns = [](void*) { return now_ns(); },
      .timer_new = [](SlirpTimerCb call, void* argument, void* opaque) -> void* {
        return state::of(opaque).timers.emplace_back(new timer{call, argument}).get();
      },
      .timer_free =
          [](void* which, void* opaque) {
            std::erase_if(state::of(opaque).timers, [which](const auto& t) { return t.get() == which; });
          },
      .timer_mod = [](void* which, std::int64_t expires_ms,
                      void*) { static_cast<timer*>(which)->expires_ms = expires_ms; },
      .register_poll_fd = [](int, void*) {},
      .unregister_poll_fd = [](int, void*) {},
      .notify = [](void*) {},  // we are single-threaded: the loop looks anyway
      .init_completed = nullptr,
      .timer_new_opaque = nullptr,
  };
  SlirpConfig config{};
  config.version = 1;
  config.in_enabled = true;
  config.vnetwork = where.network;
  config.vnetmask = where.mask;
  config.vhost = where.gateway;
  config.vnameserver = where.names;
  config.vdhcp_start = where.image;
  config.disable_host_loopback = !where.reaches_host;
  state_->slirp = slirp_new(&config, &callbacks, state_.get());
}

/// libslirp lets one connection wait to be accepted, and a browser opens six at once: sockets that listen are
/// found by their number, since the library does not tell it.
static void widen_backlogs() {
  constexpr int most_descriptors = 256;
  for (int descriptor = 3; descriptor < most_descriptors; ++descriptor) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0)
      listen(descriptor, SOMAXCONN);
  }
}

user_mode_network::~user_mode_network() { slirp_cleanup(state_->slirp); }

std::expected<void, std::string> user_mode_network::publish(in_addr address, std::uint16_t host_port,
                                                            std::uint16_t guest_port, bool udp) {
  if (slirp_add_hostfwd(state_->slirp, udp ? 1 : 0, address, host_port, state_->where.image, guest_port) ==
      0) {
    if (!udp) widen_backlogs();
    return {};
  }
  return std::unexpected(std::format("{}port {} cannot be opened: {}; choose another", udp ? "UDP " : "",
                                     host_port, std::strerror(errno)));
}

void user_mode_network::serve() {
  state& s = *state_;
  for (;;) {
    s.watched.clear();
    s.watched.push_back({.fd = s.descriptor,
                         .events = static_cast<short>(POLLIN | (s.socket.congested() ? POLLOUT : 0)),
                         .revents = 0});
    std::uint32_t timeout = std::numeric_limits<std::uint32_t>::max();
    slirp_pollfds_fill(
        s.slirp, &timeout,
        [](int descriptor, int events, void* opaque) {
          auto& watched = state::of(opaque).watched;
          watched.push_back({.fd = descriptor, .events = to_poll(events), .revents = 0});
          return static_cast<int>(watched.size() - 1);
        },
        &s);
    timeout = s.until_timer(timeout);
    const bool forever = timeout == std::numeric_limits<std::uint32_t>::max();
    const int ready = poll(s.watched.data(), s.watched.size(),
                           forever ? -1 : static_cast<int>(std::min(timeout, 1u << 30)));
    if (ready < 0 && errno != EINTR) return;

    slirp_pollfds_poll(
        s.slirp, ready < 0 ? 1 : 0,
        [](int index, void* opaque) {
          return from_poll(state::of(opaque).watched[static_cast<std::size_t>(index)].revents);
        },
        &s);
    s.run_timers();
    if ((s.watched.front().revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      const bool open = s.socket.receive([&](std::span<const std::byte> frame) {
        slirp_input(s.slirp, reinterpret_cast<const std::uint8_t*>(frame.data()),
                    static_cast<int>(frame.size()));
      });
      if (!open) return;
    }
    if (!s.socket.flush()) return;
  }
}

}  // namespace aster::host
