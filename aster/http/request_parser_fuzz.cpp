// Fuzz target: whatever the bytes and however they are cut, the parsers give one verdict, and what they
// accept has no line end that is not CRLF.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "aster/http/body_decoder.hpp"
#include "aster/http/request_parser.hpp"
#include "aster/http/request_seeds.hpp"

namespace http = aster::http;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct verdict {
  http::progress result = http::progress::incomplete;
  int code = 0;
  std::size_t size = 0;
  std::string content;
  bool operator==(const verdict&) const = default;
};

/// Reads a head and its body; `cut` bytes come first, the rest later.
verdict read(std::string_view input, std::size_t cut) {
  static const http::limits limits;
  http::request_parser parser{limits};
  http::body_decoder decoder{limits};
  verdict v;
  std::size_t consumed = 0;
  bool in_body = false;
  for (const std::size_t available : {cut, input.size()}) {
    // A block of exactly this size, so that a read beyond it is seen.
    const auto bytes = std::make_unique<char[]>(available);
    input.copy(bytes.get(), available);
    const std::string_view window{bytes.get(), available};
    if (!in_body) {
      v.result = parser.parse(window);
      if (v.result == http::progress::failed) v.code = http::code(parser.failure());
      if (v.result != http::progress::complete) {
        if (v.code != 0) return v;
        continue;
      }
      in_body = true;
      consumed = parser.size();
      decoder.begin(parser.head());
      const std::string_view head = window.substr(0, consumed);
      require(head.ends_with("\r\n\r\n"));
      for (std::size_t i = 0; i < head.size(); ++i) {
        require(head[i] != '\0');
        if (head[i] == '\n') require(i > 0 && head[i - 1] == '\r');
        if (head[i] == '\r') require(i + 1 < head.size() && head[i + 1] == '\n');
      }
      for (const auto [name, value] : parser.head().fields) {
        require(http::is_token(name));
        require(http::find_control(value, 0) == value.size());
        require(http::trim(value) == value);
      }
    }
    for (;;) {
      const auto step = decoder.decode(window.substr(consumed));
      require(step.consumed <= available - consumed);
      consumed += step.consumed;
      v.content += step.content;
      v.result = step.result;
      if (step.result == http::progress::failed) {
        v.code = http::code(decoder.failure());
        v.content.clear();  // how far it got is nobody's business
        v.size = 0;
        return v;
      }
      if (step.result == http::progress::complete || step.consumed == 0) break;
    }
    v.size = consumed;
  }
  return v;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::size_t cut = static_cast<std::size_t>(http::number_of(input) % (size + 1));
  require(read(input, cut) == read(input, input.size()));
  return 0;
}
