#include "host/run/attachment.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <format>
#include <optional>
#include <set>

#include "abi/boot_line.hpp"
#include "host/image/image.hpp"
#include "host/run/descriptor.hpp"

namespace aster::host {
namespace {

constexpr std::string_view port_form = "write [ADDRESS:]HOST:GUEST[/udp], as in -p 8080:80";

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::optional<in_addr> parse_ipv4(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return address;
}

bool is_ipv6(std::string_view text) {
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool is_ipv6_network(std::string_view text) {
  if (text == "auto" || text == "off") return true;
  const std::size_t slash = text.find('/');
  if (slash == text.npos || !is_ipv6(text.substr(0, slash))) return false;
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 999;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return error == std::errc{} && end == digits.data() + digits.size() && length <= 128;
}

bool is_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos || !parse_ipv4(text.substr(0, slash))) return false;
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 99;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return error == std::errc{} && end == digits.data() + digits.size() && length <= 32;
}

/// Adds one "key=value" of a static configuration to `out`; false when it is not one.
bool add_address_part(std::string_view part, std::string& out) {
  const std::size_t equals = part.find('=');
  if (equals == part.npos) return false;
  const std::string_view key = part.substr(0, equals);
  const std::string_view value = part.substr(equals + 1);
  const bool understood = key == "ip"                          ? is_network(value)
                          : key == "ip6"                       ? is_ipv6_network(value)
                          : key == "gateway6" || key == "dns6" ? is_ipv6(value)
                          : key == "gateway" || key == "dns"   ? parse_ipv4(value).has_value()
                                                               : false;
  if (!understood) return false;
  if (!out.empty()) out += ',';
  out += part;
  return true;
}

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

std::string_view take_until_comma(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find(','));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

std::string devices_named(std::span<const device> manifest) {
  std::string names;
  for (const device& d : manifest) {
    if (!names.empty()) names += ", ";
    names += d.name;
  }
  return names.empty() ? "none" : names;
}

/// Fixed behind a user-mode network, where nobody else is; on a tap one that stays the same from run to run
/// (so that peers' ARP caches stay right) and differs from tap to tap. FNV-1a of the host's and the tap's
/// name.
std::array<std::uint8_t, 6> choose_mac(const std::string& tap, std::uint8_t index) {
  if (tap.empty()) return {0x52, 0x54, 0x00, 0x12, 0x34, static_cast<std::uint8_t>(0x56 + index)};
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  std::uint32_t hash = 2166136261u;
  for (const char c : std::string(host.data()) + "/" + tap) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619u;
  }
  return {0x52,
          0x54,
          0x01,
          static_cast<std::uint8_t>(hash >> 16),
          static_cast<std::uint8_t>(hash >> 8),
          static_cast<std::uint8_t>(hash)};
}

std::string user_network_configuration(unsigned network) {
  const unsigned third = 2 + network;
  return std::format("ip=10.0.{0}.15/24,gateway=10.0.{0}.2,dns=10.0.{0}.3", third);
}

}  // namespace

std::expected<port_forward, std::string> parse_port_forward(std::string_view text) {
  const auto wrong = [text](std::string_view cause) {
    return std::unexpected(std::format("-p {}: {}; {}", text, cause, port_form));
  };
  port_forward forward{.address = {htonl(INADDR_LOOPBACK)}};
  std::string_view rest = text;
  if (const std::size_t slash = rest.rfind('/'); slash != rest.npos) {
    const std::string_view protocol = rest.substr(slash + 1);
    if (protocol != "udp" && protocol != "tcp") return wrong("the protocol is neither tcp nor udp");
    forward.udp = protocol == "udp";
    rest = rest.substr(0, slash);
  }
  const std::size_t last = rest.rfind(':');
  if (last == rest.npos) return wrong("there is only one port");
  const auto guest = parse_port(rest.substr(last + 1));
  std::string_view host = rest.substr(0, last);
  if (const std::size_t colon = host.rfind(':'); colon != host.npos) {
    const auto address = parse_ipv4(host.substr(0, colon));
    if (!address) return wrong("the address is not an IPv4 address");
    forward.address = *address;
    host = host.substr(colon + 1);
  }
  const auto outside = parse_port(host);
  if (!guest || !outside) return wrong("a port is a number from 1 to 65535");
  forward.guest_port = *guest;
  forward.host_port = *outside;
  return forward;
}

std::string to_string(const port_forward& forward) {
  std::array<char, INET_ADDRSTRLEN> address{};
  inet_ntop(AF_INET, &forward.address, address.data(), address.size());
  return std::format("{}:{} → {}{}", address.data(), forward.host_port, forward.guest_port,
                     forward.udp ? "/udp" : "");
}

std::string to_link(const port_forward& forward) {
  constexpr std::array<std::uint16_t, 3> web{80, 8000, 8080};
  if (forward.udp || !std::ranges::contains(web, forward.guest_port)) return to_string(forward);
  const bool everywhere = forward.address.s_addr == htonl(INADDR_ANY);
  std::array<char, INET_ADDRSTRLEN> address{"127.0.0.1"};
  if (!everywhere) inet_ntop(AF_INET, &forward.address, address.data(), address.size());
  const std::string port = forward.host_port == 80 ? "" : std::format(":{}", forward.host_port);
  const std::string link = std::format("http://{}{}/", address.data(), port);
  return everywhere ? std::format("{} ({})", to_string(forward), link)
                    : std::format("{} → {}", link, forward.guest_port);
}

std::expected<void, std::string> check_port(const port_forward& forward) {
  const descriptor probe(socket(AF_INET, (forward.udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
  const int yes = 1;
  // A port whose last connections are still in TIME_WAIT is free; for UDP the option would hide that it is
  // taken.
  if (!forward.udp) setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in name{.sin_family = AF_INET,
                         .sin_port = htons(forward.host_port),
                         .sin_addr = forward.address,
                         .sin_zero = {}};
  if (bind(probe.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 &&
      (forward.udp || listen(probe.get(), 1) == 0)) {
    return {};
  }
  const std::string port = std::format("{}port {}", forward.udp ? "UDP " : "", forward.host_port);
  switch (errno) {
    case EADDRINUSE:
      return std::unexpected(std::format(
          "{} is already in use; stop what listens there (ss -lp) or choose another, as in -p {}:{}", port,
          forward.host_port < 65535 ? forward.host_port + 1 : 8080, forward.guest_port));
    case EACCES:
      return std::unexpected(std::format("{} needs privileges; choose one above 1023, as in -p 8080:{}", port,
                                         forward.guest_port));
    case EADDRNOTAVAIL:
      return std::unexpected(std::format(
          "{}: this machine has no such address; leave it out, or use 0.0.0.0 for all", to_string(forward)));
    default:
      return std::unexpected(
          std::format("{} cannot be opened: {}; choose another", port, std::strerror(errno)));
  }
}

std::expected<attachment, std::string> parse_attachment(std::string_view text) {
  const auto wrong = [text](std::string_view cause) {
    return std::unexpected(
        std::format("--net {}: {}; write DEVICE=user, DEVICE=tap:NAME[,ip=A.B.C.D/LEN] or "
                    "DEVICE=switch:PATH,TOKEN",
                    text, cause));
  };
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0) return wrong("no device is named");
  attachment result{.device = std::string(text.substr(0, equals)), .tap = {}, .address = {}};
  std::string_view rest = text.substr(equals + 1);
  const std::string_view kind = take_until_comma(rest);
  if (kind.starts_with("tap:") && kind.size() > 4) {
    result.tap = kind.substr(4);
  } else if (kind.starts_with("switch:") && kind.size() > 7) {
    result.plug = kind.substr(7);
    result.token = take_until_comma(rest);
    if (!is_token(result.token))
      return wrong("the switch's token is missing: letters and digits, at most 64");
  } else if (kind != "user") {
    return wrong("that is neither user nor tap:NAME nor switch:PATH");
  }
  while (!rest.empty()) {
    const std::string_view part = take_until_comma(rest);
    if (part == "dhcp") {
      result.dhcp = true;
    } else if (!add_address_part(part, result.address)) {
      return wrong(std::format("{} is not an address setting", part));
    }
  }
  if (result.dhcp && !result.address.empty()) return wrong("it is either dhcp or addresses");
  return result;
}

std::expected<std::string, std::string> parse_address(std::string_view text) {
  std::string result;
  std::string_view rest = text;
  bool good = add_address_part(std::format("ip={}", take_until_comma(rest)), result);
  while (good && !rest.empty()) good = add_address_part(take_until_comma(rest), result);
  if (good) return result;
  return std::unexpected(
      std::format("--ip {}: not an address; write A.B.C.D/LEN[,gateway=A.B.C.D][,dns=A.B.C.D]"
                  "[,ip6=X::Y/LEN][,gateway6=X::Y][,dns6=X::Y] or dhcp",
                  text));
}

std::expected<std::vector<attached_device>, std::string> match_devices(std::span<const device> manifest,
                                                                       std::span<const attachment> networks,
                                                                       std::span<const port_forward> ports,
                                                                       std::string_view address) {
  std::set<std::string> seen;
  for (const attachment& a : networks) {
    const auto found = std::ranges::find(manifest, a.device, &device::name);
    if (found == manifest.end() || found->kind != abi::device_kind::net) {
      return std::unexpected(
          std::format("--net {}: the image has no network device of that name (it has: {}); correct the name "
                      "or leave it out",
                      a.device, devices_named(manifest)));
    }
    if (!seen.insert(a.device).second) {
      return std::unexpected(std::format("--net {}: attached twice; leave one out", a.device));
    }
  }
  const auto network_devices = std::ranges::count(manifest, abi::device_kind::net, &device::kind);
  if (network_devices == 0 && !ports.empty()) {
    return std::unexpected(
        "-p: the image has no network device; leave -p out, or declare one with net::device<\"service\">");
  }
  if (network_devices != 1 && !address.empty()) {
    return std::unexpected(
        std::format("--ip: the image has {} network devices; say it per device, as in --net NAME=user,ip=…",
                    network_devices));
  }

  std::vector<attached_device> result;
  unsigned user_networks = 0;
  bool ports_placed = ports.empty();
  for (const device& d : manifest) {
    if (d.kind != abi::device_kind::net) {
      return std::unexpected(
          std::format("device {}: block devices cannot be attached in this version", d.name));
    }
    const auto asked = std::ranges::find(networks, d.name, &attachment::device);
    // The only device needs no word about where the ports lead.
    const bool implied = asked == networks.end() && network_devices == 1 && !ports.empty();
    if (asked == networks.end() && !implied) {
      return std::unexpected(
          std::format("device {}: the image needs it and nothing is attached; attach it with --net {}=user{}",
                      d.name, d.name, network_devices == 1 ? ", or publish a port with -p 8080:80" : ""));
    }
    attached_device attached{.name = d.name, .tap = {}, .configuration = {}, .ports = {}};
    if (!implied) {
      attached.tap = asked->tap;
      attached.plug = asked->plug;
      attached.token = asked->token;
    }
    attached.mac = choose_mac(attached.tap, static_cast<std::uint8_t>(result.size()));
    bool dhcp = address == "dhcp";
    if (!implied) {
      attached.configuration = asked->address;
      dhcp = dhcp || asked->dhcp;
    }
    if (!address.empty() && !dhcp) attached.configuration = address;
    attached.dhcp = dhcp;
    if (attached.tap.empty() && attached.plug.empty()) {
      attached.network = user_networks++;
      // The user-mode network knows the addresses beforehand, so that the start need not wait for DHCP.
      if (attached.configuration.empty() && !dhcp)
        attached.configuration = user_network_configuration(attached.network);
      if (!ports_placed) attached.ports.assign(ports.begin(), ports.end());
      ports_placed = true;
    }
    result.push_back(std::move(attached));
  }
  if (!ports_placed) {
    return std::unexpected(
        "-p: no device is on the user-mode network, which alone can publish ports; connect to the address "
        "behind the tap or the switch, or use --net NAME=user");
  }
  return result;
}

}  // namespace aster::host
