#include "host/run/tap.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <format>

#include "abi/net_device.hpp"

namespace aster::host {
namespace {

std::unexpected<std::string> failed(const std::string& name, int error) {
  const auto said = [&](std::string_view cause_and_mend) {
    return std::unexpected(std::format("tap {}: {}", name, cause_and_mend));
  };
  switch (error) {
    case EPERM:
    case EACCES:
      return said(std::format(
          "permission denied; make it yours with `sudo ip tuntap add {} mode tap user $USER`, or run as root",
          name));
    case EBUSY: return said("it is in use by another program; end that, or use another tap");
    case EINVAL:
      return said(
          "it is not a tap device (a tun, or made for several queues); make one with `ip tuntap add`");
    default: return said(std::format("{}; check it with `ip link`", std::strerror(error)));
  }
}

/// What Linux lets through on it; 1500 where it does not say.
unsigned mtu_of(const std::string& name) {
  const descriptor any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  if (!any || ioctl(any.get(), SIOCGIFMTU, &request) != 0) return 1500;
  return static_cast<unsigned>(std::clamp(request.ifr_mtu, 68, 65535));
}

}  // namespace

std::expected<tap, std::string> open_tap(const std::string& name, bool offload) {
  if (name.size() >= IFNAMSIZ)
    return std::unexpected(std::format("tap {}: a name has at most 15 characters", name));
  // Opening a name that does not exist would make a device, as root even silently.
  if (if_nametoindex(name.c_str()) == 0) {
    return std::unexpected(
        std::format("tap {}: there is no such device; make it with `sudo ip tuntap add {} mode tap user "
                    "$USER` and give it an address",
                    name, name));
  }
  descriptor frames(open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!frames) {
    if (errno == ENOENT) return std::unexpected("/dev/net/tun is missing; load it with `sudo modprobe tun`");
    return failed(name, errno);
  }
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), name.size());
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(frames.get(), TUNSETIFF, &request) != 0) return failed(name, errno);
  int header = sizeof(abi::net_header);
  if (ioctl(frames.get(), TUNSETVNETHDRSZ, &header) != 0) return failed(name, errno);
  // The kernel may hand us frames of up to 64 KiB whose checksums nobody computed, and takes the same from
  // us.
  if (!offload) {
    if (ioctl(frames.get(), TUNSETOFFLOAD, 0) != 0) return failed(name, errno);
    return tap{std::move(frames), "", mtu_of(name)};
  }
  std::string able = "checksum+tso4+tso6+receive";
  if (ioctl(frames.get(), TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) != 0) able = "checksum";
  return tap{std::move(frames), std::move(able), mtu_of(name)};
}

}  // namespace aster::host
