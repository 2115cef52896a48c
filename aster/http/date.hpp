// The Date of a response (RFC 9110 §6.6.1, §5.6.7), formatted once a second.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace aster::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT"
using date_text = std::array<char, 29>;

/// IMF-fixdate of a time in seconds since 1970-01-01 UTC. Years outside 0–9999 are taken modulo 10,000.
date_text format_date(std::int64_t seconds);

/// Hands out "Date: …\r\n" of the current second. Asks the wall clock when the second is over and not before.
class date_clock {
 public:
  /// The line for the current time; valid until the next call.
  std::string_view line();

 private:
  static constexpr std::string_view name = "Date: ";
  std::array<char, name.size() + sizeof(date_text) + 2> line_{};
  std::uint64_t valid_until_ = 0;  // a time of platform::monotonic
};

}  // namespace aster::http
