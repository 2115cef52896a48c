// The user-mode network that aster gives to a device: one `aster-usernet` process and the socket to it.
#pragma once
#include <expected>
#include <string>

#include "host/run/attachment.hpp"
#include "host/run/child.hpp"
#include "host/run/descriptor.hpp"

namespace aster::host {

struct user_network {
  child process;
  descriptor frames;  // non-blocking sequenced-packet socket: one message, one frame with its net_header
};

/// Starts the network of `device` and waits until its ports are open, so that an image never starts beside a
/// port that could not be had.
std::expected<user_network, std::string> start_user_network(const attached_device& device);

}  // namespace aster::host
