// How a server behaves.
#pragma once
#include <chrono>
#include <cstddef>

#include "aster/http/limits.hpp"

namespace aster::http {

struct options {
  http::limits limits;

  /// Most connections at once. Beyond, those that are silent longest are closed to make room, and new ones
  /// wait in the listener's backlog until there is some.
  std::size_t connections = 1024;

  /// Stack of a connection's fiber, which the handler runs on. Of it the server itself needs less than
  /// 8 KiB, unwinding included; what was never touched costs no memory.
  std::size_t stack_size = 32 * 1024;

  /// How long requests that are being answered may go on when the program is asked to stop.
  limits::duration drain = std::chrono::seconds{5};
};

}  // namespace aster::http
