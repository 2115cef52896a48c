// aster-usernet: one user-mode network for one device of an image. `aster run` starts it; a person may, too:
//
//   aster-usernet --frames 3 --network 10.0.2.0 --forward 127.0.0.1:8080:80
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <expected>
#include <format>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/network/user_mode_network.hpp"

namespace {

using namespace aster::host;

constexpr int exit_cannot_serve = 125;

constexpr std::string_view help_text =
    "Usage: aster-usernet --frames FD [--network 10.0.N.0|GATEWAY/LEN] [--forward "
    "ADDRESS:HOST:GUEST[/udp]]…\n"
    "\n"
    "Connects a device of an Asterism image to the host's sockets, without privileges. `aster run -p` starts "
    "it.\n"
    "\n"
    "  --frames FD      connected SOCK_SEQPACKET socket; each message is a 12-byte virtio-net header and a "
    "frame.\n"
    "                   One byte is sent on it once the ports are open\n"
    "  --network A      the image is A.15, the gateway and host A.2, the DNS relay A.3 (default 10.0.2.0)\n"
    "                   GATEWAY/LEN: several images, from whom the host itself is hidden\n"
    "  --forward RULE   open a port of the host that leads to one of the image\n"
    "  -h, --help       print this\n"
    "\n"
    "Ends when the other end of the socket is closed.\n";

struct forward {
  in_addr address{};
  std::uint16_t host_port = 0, guest_port = 0;
  bool udp = false;
};

struct options {
  int frames = -1;
  user_mode_network::addresses network = user_mode_network::of_one_image({htonl(0x0a000200u)});
  std::vector<forward> forwards;
};

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<in_addr> read_address(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return address;
}

std::optional<user_mode_network::addresses> read_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = read_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == text.npos) {
    if ((ntohl(address->s_addr) & 0xff) != 0) return std::nullopt;
    return user_mode_network::of_one_image(*address);
  }
  const auto length = read_number<unsigned>(text.substr(slash + 1));
  if (!length || *length < 8 || *length > 28) return std::nullopt;
  return user_mode_network::of_several_images(*address, *length);
}

std::optional<forward> read_forward(std::string_view text) {
  forward rule;
  if (text.ends_with("/udp")) {
    rule.udp = true;
    text.remove_suffix(4);
  }
  const std::size_t first = text.find(':');
  const std::size_t second = first == text.npos ? text.npos : text.find(':', first + 1);
  if (second == text.npos) return std::nullopt;
  const auto address = read_address(text.substr(0, first));
  const auto host = read_number<std::uint16_t>(text.substr(first + 1, second - first - 1));
  const auto guest = read_number<std::uint16_t>(text.substr(second + 1));
  if (!address || !host || !guest || *host == 0 || *guest == 0) return std::nullopt;
  rule.address = *address;
  rule.host_port = *host;
  rule.guest_port = *guest;
  return rule;
}

std::expected<options, std::string> read_options(const std::vector<std::string_view>& words) {
  options all;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string_view name = words[i];
    if (i + 1 == words.size())
      return std::unexpected(std::format("{} needs a value; see aster-usernet --help", name));
    const std::string_view value = words[i + 1];
    bool good = true;
    if (name == "--frames") {
      const auto number = read_number<int>(value);
      good = number.has_value() && *number >= 0;
      all.frames = number.value_or(-1);
    } else if (name == "--network") {
      const auto network = read_network(value);
      good = network.has_value();
      if (network) all.network = *network;
    } else if (name == "--forward") {
      const auto rule = read_forward(value);
      good = rule.has_value();
      if (rule) all.forwards.push_back(*rule);
    } else {
      return std::unexpected(std::format("{} is not an option; see aster-usernet --help", name));
    }
    if (!good)
      return std::unexpected(
          std::format("{} {} cannot be understood; see aster-usernet --help", name, value));
  }
  if (all.frames < 0) return std::unexpected("--frames is missing; see aster-usernet --help");
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(all.frames, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
    return std::unexpected(std::format("--frames {} is not an open SOCK_SEQPACKET socket", all.frames));
  }
  return all;
}

std::expected<void, std::string> serve(const options& given) {
  // A connection that the other side has closed is an error to libslirp, not the end of all.
  signal(SIGPIPE, SIG_IGN);
  // Each connection of the image is a socket of ours, and stays one for a while after it is closed.
  if (rlimit files{}; getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  user_mode_network network(given.frames, given.network);
  for (const forward& f : given.forwards) {
    if (const auto opened = network.publish(f.address, f.host_port, f.guest_port, f.udp); !opened)
      return opened;
  }
  constexpr char ready = 'r';
  if (send(given.frames, &ready, 1, MSG_NOSIGNAL) == 1) network.serve();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
    std::fwrite(help_text.data(), 1, help_text.size(), stdout);
    return 0;
  }
  const auto given = read_options(words);
  const auto served = given ? serve(*given) : std::unexpected(given.error());
  if (served) return 0;
  const std::string line = std::format("aster-usernet: {}\n", served.error());
  std::fwrite(line.data(), 1, line.size(), stderr);
  return exit_cannot_serve;
}
