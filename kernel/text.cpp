#include "kernel/text.hpp"

namespace aster::kernel {
namespace {

constexpr std::size_t capacity = abi::control_line_limit - 1;

char digit(std::uint64_t value) noexcept { return "0123456789abcdef"[value & 15]; }

}  // namespace

text_line& text_line::add(char c) noexcept {
  if (size_ < capacity) text_[size_++] = c;
  return *this;
}

text_line& text_line::add(std::string_view text) noexcept {
  for (const char c : text) add(c);
  return *this;
}

text_line& text_line::hex(std::uint64_t value) noexcept {
  int digits = 1;
  while (digits < 16 && (value >> (4 * digits)) != 0) ++digits;
  while (digits-- > 0) add(digit(value >> (4 * digits)));
  return *this;
}

text_line& text_line::decimal(std::uint64_t value) noexcept {
  char digits[20];
  int n = 0;
  do digits[n++] = digit(value % 10);
  while ((value /= 10) != 0);
  while (n > 0) add(digits[--n]);
  return *this;
}

text_line& text_line::signed_decimal(std::int64_t value) noexcept {
  if (value < 0) add('-');
  return decimal(value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value));
}

text_line& text_line::printable(std::string_view text) noexcept {
  for (const char c : text) add(c >= ' ' && c < 0x7f ? c : '?');
  return *this;
}

text_line& text_line::encoded(std::string_view text) noexcept {
  for (const char c : text) {
    if (c > ' ' && c < 0x7f && c != '%') {
      add(c);
    } else if (capacity - size_ >= 3) {
      add('%').add(digit(static_cast<unsigned char>(c) >> 4)).add(digit(static_cast<unsigned char>(c)));
    } else {
      break;
    }
  }
  return *this;
}

}  // namespace aster::kernel
