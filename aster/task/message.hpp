// A line of text for a note, put together without allocation, locale or formatting library: it is needed in
// signal handlers and when memory is short.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aster::task {

class message {
 public:
  message& operator<<(std::string_view text) noexcept {
    for (const char c : text) {
      if (size_ < text_.size()) text_[size_++] = c;  // the rest is cut off
    }
    return *this;
  }
  message& operator<<(std::uint64_t number) noexcept {
    std::array<char, 20> digits;
    std::size_t n = digits.size();
    do {
      digits[--n] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return *this << std::string_view{digits.data() + n, digits.size() - n};
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 512> text_;
  std::size_t size_ = 0;
};

}  // namespace aster::task
