// A line of text being put together without libc and without memory: for panics, traces and refusals.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "abi/control.hpp"

namespace aster::kernel {

class text_line {
 public:
  text_line& add(std::string_view text) noexcept {
    for (const char c : text) put(c);
    return *this;
  }
  text_line& add(char c) noexcept {
    put(c);
    return *this;
  }
  text_line& hex(std::uint64_t value) noexcept {
    int digits = 1;
    while (digits < 16 && (value >> (4 * digits)) != 0) ++digits;
    while (digits-- > 0) put("0123456789abcdef"[(value >> (4 * digits)) & 15]);
    return *this;
  }
  text_line& decimal(std::uint64_t value) noexcept {
    char digits[20];
    int n = 0;
    do digits[n++] = static_cast<char>('0' + value % 10);
    while ((value /= 10) != 0);
    while (n > 0) put(digits[--n]);
    return *this;
  }
  text_line& signed_decimal(std::int64_t value) noexcept {
    if (value < 0) put('-');
    return decimal(value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value));
  }
  /// Only printable ASCII of `text`; anything else becomes '?', so that a line stays one line.
  text_line& printable(std::string_view text) noexcept {
    for (const char c : text) put(c >= ' ' && c < 0x7f ? c : '?');
    return *this;
  }
  /// Percent-encoded, as the control channel wants it (abi/control.hpp).
  text_line& encoded(std::string_view text) noexcept {
    for (const char c : text) {
      if (c > ' ' && c < 0x7f && c != '%') {
        put(c);
      } else {
        put('%');
        put("0123456789abcdef"[(static_cast<unsigned char>(c) >> 4) & 15]);
        put("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
      }
    }
    return *this;
  }
  const char* data() const noexcept { return text_; }
  std::size_t size() const noexcept { return size_; }

 private:
  void put(char c) noexcept {
    if (size_ < abi::control_line_limit - 1) text_[size_++] = c;
  }
  std::size_t size_ = 0;
  char text_[abi::control_line_limit];
};

}  // namespace aster::kernel
