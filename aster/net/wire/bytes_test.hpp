// Bytes as text, for tests.
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

namespace aster::net::wire {

/// "0a 0b  ff" → those bytes. Whatever is no hexadecimal digit separates.
inline std::vector<std::byte> hex(std::string_view text) {
  std::vector<std::byte> bytes;
  int high = -1;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<std::byte>(high * 16 + digit));
      high = -1;
    }
  }
  return bytes;
}

}  // namespace aster::net::wire
