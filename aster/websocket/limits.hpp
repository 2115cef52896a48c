// What one WebSocket may ask of this side before it is closed. Every number has a close code that says so.
#pragma once
#include <chrono>
#include <cstddef>

namespace aster::websocket {

struct limits {
  using duration = std::chrono::nanoseconds;

  // Bytes.
  std::size_t frame = 1024 * 1024;    // payload of one frame; 1009 above (compressed: an eighth more)
  std::size_t message = 1024 * 1024;  // a whole message, decompressed; 1009 above
  /// What is sent and not taken yet. Above it `send` parks, and a socket that is posted to is broken off. A
  /// single message may be larger.
  std::size_t pending = 256 * 1024;

  // Times; zero means no limit.
  duration ping = std::chrono::seconds{30};    // silence after which the other side is asked if it is there
  duration answer = std::chrono::seconds{20};  // more silence after that: broken off
  duration send = std::chrono::seconds{30};    // 64 KiB that the other side does not take: broken off
  duration close = std::chrono::seconds{2};  // for the other side's half of the closing handshake; zero: not
                                             // waited for
};

}  // namespace aster::websocket
