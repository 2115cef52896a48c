// Dates in fields (RFC 9110 §5.6.7), and the Date of a response (§6.6.1), formatted once a second.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aster::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT"
using date_text = std::array<char, 29>;

/// IMF-fixdate of a time in seconds since 1970-01-01 UTC. Years outside 0–9999 are taken modulo 10,000.
date_text format_date(std::int64_t seconds);

/// Seconds since 1970-01-01 UTC of a date in any of the three forms that HTTP has had: "Sun, 06 Nov 1994
/// 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994". Nothing for everything else.
/// The day of the week needs to be one, not to be right. `now`, in the same seconds, tells what century a
/// year of two digits belongs to: no date is more than 50 years ahead.
std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now);

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
