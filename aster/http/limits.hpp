// What one connection may ask of the server before it is refused. Every number has a status that says so.
#pragma once
#include <chrono>
#include <cstddef>

namespace aster::http {

struct limits {
  using duration = std::chrono::nanoseconds;

  // Bytes.
  std::size_t target = 8 * 1024;        // request target; 414 above
  std::size_t head = 16 * 1024;         // request line and fields, at most 65535; 431 above
  std::size_t fields = 100;             // field lines in a head or a trailer; 431 above
  std::size_t trailer = 4 * 1024;       // trailer section of a chunked body; 431 above
  std::size_t chunk_extensions = 1024;  // all chunk extensions of one message together; 400 above
  std::size_t body = 1024 * 1024;       // content a handler reads (`request::body`, `read`); 413 above
  std::size_t unread = 64 * 1024;       // content no handler read that is skipped to keep the connection

  // Times; zero means no limit.
  duration idle = std::chrono::seconds{60};     // silence before a request: the connection is closed
  duration header = std::chrono::seconds{20};   // first byte of a request to the end of its head; 408 above
  duration content = std::chrono::seconds{20};  // silence inside a body; 408 above
  duration send = std::chrono::seconds{30};     // 64 KiB that the other side does not take: aborted
  duration linger = std::chrono::seconds{2};    // reading on after a refusal, so that the client sees it;
                                                // zero: not at all
};

}  // namespace aster::http
