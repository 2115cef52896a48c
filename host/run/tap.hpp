// An existing tap device of the host, opened so that one read or write is one frame with a virtio-net header.
#pragma once
#include <expected>
#include <string>

#include "host/run/descriptor.hpp"

namespace aster::host {

struct tap {
  descriptor frames;    // non-blocking
  std::string offload;  // what its other side can do, as the boot line has it
  unsigned mtu;         // largest IP packet: 68 to 65535
};

/// Opens the tap `name`, which somebody has made before (`ip tuntap add NAME mode tap user USER`): aster
/// makes none, so that it leaves none behind. Errors name the tap, the cause and the mend. `offload`: whether
/// whoever reads its frames can take large ones, and such without a checksum.
std::expected<tap, std::string> open_tap(const std::string& name, bool offload = true);

}  // namespace aster::host
