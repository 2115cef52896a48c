#include "aster/websocket/utf8.hpp"

#include <cstddef>
#include <cstring>

namespace aster::websocket {

bool utf8_checker::accepts(std::string_view part) {
  constexpr std::uint64_t high_bits = 0x8080808080808080u;
  const char* at = part.data();
  const char* const end = at + part.size();
  std::uint8_t expected = expected_, lowest = lowest_, highest = highest_;
  while (at != end) {
    if (expected == 0) {
      for (std::uint64_t word; end - at >= 8; at += 8) {  // most text is ASCII
        std::memcpy(&word, at, 8);
        if (word & high_bits) break;
      }
      if (at == end) break;
    }
    const auto byte = static_cast<std::uint8_t>(*at++);
    if (expected != 0) {
      if (byte < lowest || byte > highest) return false;
      lowest = 0x80, highest = 0xbf;
      --expected;
    } else if (byte >= 0x80) {
      // The table of RFC 3629 §4: what may follow the first byte.
      if (byte < 0xc2 || byte > 0xf4) return false;
      expected = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      if (byte == 0xe0) lowest = 0xa0;   // else overlong
      if (byte == 0xed) highest = 0x9f;  // else a surrogate
      if (byte == 0xf0) lowest = 0x90;   // else overlong
      if (byte == 0xf4) highest = 0x8f;  // else above U+10FFFF
    }
  }
  expected_ = expected, lowest_ = lowest, highest_ = highest;
  return true;
}

}  // namespace aster::websocket
