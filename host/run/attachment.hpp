// What is plugged into an image's devices: what the person asked for, checked against what the image's
// manifest names, before anything is started.
//
//   -p 8080:80                        user-mode network; the host's port 8080 of 127.0.0.1 reaches the
//   image's 80
//   --net service=tap:tap0            the tap device tap0
//   --net service=user                user-mode network without published ports
//   --net service=switch:PATH,TOKEN   a place in a galaxy's network (host/switch)
#pragma once
#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aster::host {

struct device;  // host/image/image.hpp

/// A port of the host that leads to a port of the image.
struct port_forward {
  in_addr address{};  // of the host, network byte order
  std::uint16_t host_port = 0;
  std::uint16_t guest_port = 0;
  bool udp = false;
};

/// Reads "[ADDRESS:]HOST:GUEST[/tcp|/udp]". Without an address, only this machine can connect (127.0.0.1).
std::expected<port_forward, std::string> parse_port_forward(std::string_view text);

/// "127.0.0.1:8080 → 80" and, for UDP, "/udp" behind it.
std::string to_string(const port_forward& forward);

/// The same for a person who wants to go there: where the image's port is one that web servers use (TCP 80,
/// 8000 or 8080), with a link to click: "http://127.0.0.1:8088/ → 80". A port that is open on all addresses
/// has its link behind it, so that this is not hidden: "0.0.0.0:8088 → 80 (http://127.0.0.1:8088/)".
std::string to_link(const port_forward& forward);

/// Nothing if the host's port can be taken now; otherwise why not, and the mend.
std::expected<void, std::string> check_port(const port_forward& forward);

/// A network given to one device of the image.
struct attachment {
  std::string device;            // its name in the manifest
  std::string tap;               // name of the tap device
  std::filesystem::path plug{};  // socket of a galaxy's switch; this and `tap` empty: user-mode network
  std::string token{};           // that the switch knows the place by
  std::string
      address;  // static configuration as the boot line has it ("ip=10.0.0.2/24,gateway=…"); empty: see below
  bool dhcp = false;  // ask DHCP, even on the user-mode network (which otherwise has a static address)
};

/// Reads "DEVICE=user", "DEVICE=tap:NAME" or "DEVICE=switch:PATH,TOKEN", with ",ip=A.B.C.D/LEN",
/// ",gateway=A.B.C.D", ",dns=A.B.C.D" or ",dhcp" behind it. A path with a comma in it cannot be said.
std::expected<attachment, std::string> parse_attachment(std::string_view text);

/// Reads what `--ip` says into the boot line's form: "10.0.0.2/24[,gateway=A][,dns=A]".
std::expected<std::string, std::string> parse_address(std::string_view text);

/// One device of the manifest with what it is attached to.
struct attached_device {
  std::string name;
  std::string tap;
  std::filesystem::path plug{};  // socket of a galaxy's switch; this and `tap` empty: user-mode network
  std::string token{};
  std::string configuration;  // "ip=…,gateway=…,dns=…"; empty: DHCP, or what the switch says
  bool dhcp = false;          // was asked for
  std::array<std::uint8_t, 6> mac{};
  unsigned mtu = 1500;              // largest IP packet, as the tap has it
  unsigned network = 0;             // user-mode network 10.0.(2 + network).0/24
  std::vector<port_forward> ports;  // published through this device
};

/// Matches what was asked for with what the manifest names, in the manifest's order. Every device of the
/// manifest has to be attached, and nothing else: an error names the device and gives the mend. Ports attach
/// the user-mode network to the only network device by themselves.
std::expected<std::vector<attached_device>, std::string> match_devices(std::span<const device> manifest,
                                                                       std::span<const attachment> networks,
                                                                       std::span<const port_forward> ports,
                                                                       std::string_view address);

}  // namespace aster::host
