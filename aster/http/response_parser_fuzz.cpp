// Fuzz target: whatever the bytes and however they are cut, the parser of responses gives one verdict, and
// what it accepts has fields without line ends.
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "aster/http/response_parser.hpp"

namespace http = aster::http;

extern const std::initializer_list<std::string_view> fuzz_seeds, fuzz_pieces;
const std::initializer_list<std::string_view> fuzz_seeds = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
    "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.0 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
};
const std::initializer_list<std::string_view> fuzz_pieces = {
    "\r\n",
    "\r",
    "\n",
    " ",
    "\t",
    ":",
    ",",
    "0",
    "HTTP/1.1 ",
    "Content-Length: 7\r\n",
    "Transfer-Encoding: chunked\r\n",
    "close",
    "\r\n\r\n",
};

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct verdict {
  http::progress result = http::progress::incomplete;
  std::size_t size = 0;
  http::framing framing{};
  std::uint64_t length = 0;
  bool keep_alive = false;
  bool operator==(const verdict&) const = default;
};

/// `cut` bytes come first, the rest later.
verdict read(std::string_view input, std::size_t cut) {
  static const http::limits limits;
  http::response_parser parser{limits};
  verdict v;
  for (const std::size_t available : {cut, input.size()}) {
    // A block of exactly this size, so that a read beyond it is seen.
    const auto bytes = std::make_unique<char[]>(available);
    input.copy(bytes.get(), available);
    v.result = parser.parse({bytes.get(), available});
    if (v.result == http::progress::incomplete) continue;
    if (v.result == http::progress::failed) return v;
    const http::response_head& head = parser.head();
    v = {v.result, parser.size(), head.framing, head.content_length, head.keep_alive};
    require(v.size <= available);
    for (const auto& [name, value] : head.fields)
      require(!name.empty() && name.find_first_of(" \t\r\n:") == std::string_view::npos &&
              value.find_first_of("\r\n") == std::string_view::npos);
    return v;
  }
  return v;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const verdict whole = read(input, size);
  for (const std::size_t cut : {std::size_t{0}, size / 3, size / 2, size - (size > 0)})
    require(read(input, cut) == whole);
  return 0;
}
