// A line of text being put together without libc and without memory: for panics, traces and refusals.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "abi/control.hpp"

namespace aster::kernel {

/// At most a control line without its end; what is more is cut off.
class text_line {
 public:
  text_line& add(std::string_view text) noexcept;
  text_line& add(char c) noexcept;
  text_line& hex(std::uint64_t value) noexcept;  // lower case, no leading zeros
  text_line& decimal(std::uint64_t value) noexcept;
  text_line& signed_decimal(std::int64_t value) noexcept;
  /// Only printable ASCII of `text`; anything else becomes '?', so that a line stays one line.
  text_line& printable(std::string_view text) noexcept;
  /// Percent-encoded, as the control channel wants it (abi/control.hpp). An escape is never cut in two.
  text_line& encoded(std::string_view text) noexcept;

  const char* data() const noexcept { return text_; }
  std::size_t size() const noexcept { return size_; }

 private:
  std::size_t size_ = 0;
  char text_[abi::control_line_limit];
};

}  // namespace aster::kernel
