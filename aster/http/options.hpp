// How a server behaves.
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>

#include "aster/http/access_log.hpp"
#include "aster/http/limits.hpp"

namespace aster::http {

struct options {
  http::limits limits{};

  /// Most connections at once, as far as memory allows: `connection_memory` for each in half of what was free
  /// when the server started (the other half is for the backlog and the program), but always 16. Beyond, new
  /// ones wait in the listener's backlog; for each the one that is silent longest is closed, or the next
  /// answer of any says that it is the last on its connection.
  std::size_t connections = 1024;

  /// What a connection may come to need: stack, buffers, and what the handler allocates. (One that serves
  /// small texts needs some 12 KiB under way, and half of that when it is silent.)
  std::size_t connection_memory = 24 * 1024;

  /// Stack of a connection's fiber, which the handler runs on. Of it the server itself needs less than
  /// 8 KiB, unwinding included; what was never touched costs no memory.
  std::size_t stack_size = 32 * 1024;

  /// How long requests that are being answered may go on when the program is asked to stop.
  limits::duration drain = std::chrono::seconds{5};

  /// Called for each request when it has been answered, in the fiber that has answered it; that fiber goes on
  /// when it returns. What it throws is noted and dropped. Empty: nothing is told, and nothing measured.
  std::function<void(const access_record&)> access_log{};
};

}  // namespace aster::http
