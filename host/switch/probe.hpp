// Whether an instance is well: it takes a connection, or answers a request.
#pragma once
#include "host/switch/control_message.hpp"
#include "host/switch/switchboard.hpp"

namespace aster::host {

/// Does what the order says. Parks, at most for its time.
switch_control::probed perform_probe(switchboard& board, const switch_control::probe& p);

}  // namespace aster::host
