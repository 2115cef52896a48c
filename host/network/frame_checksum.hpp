// Completes the checksum of a frame whose sender left it to the device (virtio 1.2, §5.1.6.2).
#pragma once
#include <cstddef>
#include <span>

#include "abi/net_device.hpp"

namespace aster::host {

/// Where `header` says needs_checksum: sums the bytes from checksum_start to the end (the field itself holds
/// the pseudo header's sum) and stores the complement at checksum_offset behind it. False when the header
/// points outside of the frame, which is then untouched: an image is not to be trusted with offsets.
bool complete_checksum(const abi::net_header& header, std::span<std::byte> frame);

}  // namespace aster::host
