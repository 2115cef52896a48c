// Two streams that carry what comes out of one into the other, until both have ended.
#pragma once
#include "aster/net/byte_stream.hpp"

namespace aster::host {

/// Carries bytes both ways. The end of one direction is passed on (shutdown_write) while the other goes on; a
/// stream that breaks breaks the other. Parks until both directions have ended; throws task::cancelled.
void bridge(net::byte_stream& a, net::byte_stream& b);

}  // namespace aster::host
