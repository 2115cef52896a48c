#include "host/run/switch_plug.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <format>

#include "host/run/attachment.hpp"
#include "host/run/control_record.hpp"

namespace aster::host {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{10};
constexpr std::size_t answer_limit = 512;

/// "02:41:53:4d:00:07"
std::optional<std::array<std::uint8_t, 6>> parse_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  std::array<std::uint8_t, 6> mac{};
  for (std::size_t i = 0; i < mac.size(); ++i) {
    const char* const at = text.data() + 3 * i;
    const auto [end, error] = std::from_chars(at, at + 2, mac[i], 16);
    if (error != std::errc{} || end != at + 2 || (i + 1 < mac.size() && at[2] != ':')) return std::nullopt;
  }
  return mac;
}

/// What stands behind the 'r'; false when it makes no sense.
bool read_place(std::string_view text, switch_plug& into) {
  constexpr std::string_view mac = "mac=", ip = "ip=";
  if (text.empty()) return true;
  if (!text.starts_with(' ')) return false;
  text.remove_prefix(1);
  if (text.starts_with(mac)) {
    const std::string_view value = text.substr(mac.size(), text.find(',') - mac.size());
    into.mac = parse_mac(value);
    if (!into.mac) return false;
    text.remove_prefix(std::min(text.size(), mac.size() + value.size() + 1));
  }
  if (text.empty()) return true;
  if (!text.starts_with(ip)) return false;
  const auto addresses = parse_address(text.substr(ip.size()));
  if (addresses) into.configuration = *addresses;
  return addresses.has_value();
}

std::expected<descriptor, std::string> connect_to(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path)
    return std::unexpected("that is too long a name for a socket");
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
  if (errno == ENOENT || errno == ECONNREFUSED)
    return std::unexpected("no switch listens there; start the galaxy with aster up");
  return std::unexpected(
      std::format("{}; name the socket `frames` of a galaxy of yours", std::strerror(errno)));
}

}  // namespace

std::string_view to_string(frame_form form) {
  switch (form) {
    case frame_form::offloaded: return "offloaded";
    case frame_form::plain: return "plain";
    case frame_form::bare: return "bare";
  }
  return "unknown";
}

std::expected<switch_plug, std::string> plug_into_switch(const std::filesystem::path& path,
                                                         std::string_view token, frame_form form) {
  const auto wrong = [&path](std::string_view why) {
    return std::unexpected(std::format("switch {}: {}", path.string(), why));
  };
  auto socket = connect_to(path);
  if (!socket) return wrong(socket.error());
  const std::string greeting = std::format("{} {}\n", token, to_string(form));
  if (send(socket->get(), greeting.data(), greeting.size(), MSG_NOSIGNAL) < 0)
    return wrong("it has closed the connection");
  // Several frames may follow the answer at once, so that only one message is taken.
  const auto until = clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    if (left.count() <= 0) return wrong("it does not answer; see the switch's log, or start it again");
    pollfd event{.fd = socket->get(), .events = POLLIN, .revents = 0};
    if (poll(&event, 1, static_cast<int>(left.count())) <= 0) continue;
    break;
  }
  std::array<char, answer_limit> bytes;
  const ssize_t got = recv(socket->get(), bytes.data(), bytes.size(), 0);
  if (got <= 0) return wrong("it has closed the connection");
  const std::string_view said(bytes.data(), static_cast<std::size_t>(got));
  if (said != "r" && !said.starts_with("r ")) return wrong(escaped(said));
  switch_plug plugged{.frames = {}, .mac = {}, .configuration = {}};
  if (!read_place(said.substr(1), plugged))
    return wrong("its answer makes no sense; is it of another version?");
  // As far as the machine allows: a window's worth of frames. With Linux's default three large ones fill it,
  // and then it counts as writable only when all of them are taken.
  constexpr int room = 4 << 20;
  setsockopt(socket->get(), SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  fcntl(socket->get(), F_SETFL, O_NONBLOCK);
  plugged.frames = *std::move(socket);
  return plugged;
}

}  // namespace aster::host
