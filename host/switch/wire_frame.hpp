// Messages (a net_header and a frame) as images send them, and what a wire makes of them: checksums
// completed, and nothing longer than the link takes.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "abi/net_device.hpp"

namespace aster::host {

/// Whether a header says what a receiver of ours can do something with, for a frame of that size. An image
/// may say anything.
bool makes_sense(const abi::net_header& header, std::size_t frame);

/// Makes `message`, whose header makes sense, what a wire carries, where it lies. A large segment becomes
/// several messages, which are returned instead (none when it is not what its header says). Nothing is
/// returned when the message is as it should be now; an empty list when it can be passed on to nobody.
std::optional<std::vector<std::vector<std::byte>>> as_on_a_wire(std::span<std::byte> message);

}  // namespace aster::host
