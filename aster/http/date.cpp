#include "aster/http/date.hpp"

#include <algorithm>
#include <chrono>

#include "abi/platform.hpp"

namespace aster::http {
namespace {

constexpr std::int64_t second = 1'000'000'000;  // in nanoseconds

void put_decimal(char* at, unsigned value, int digits) {
  while (digits-- > 0) {
    at[digits] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

date_text format_date(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds{seconds}};
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  constexpr std::string_view weekdays = "SunMonTueWedThuFriSat",
                             months = "JanFebMarAprMayJunJulAugSepOctNovDec";

  date_text text;
  std::ranges::copy(std::string_view{"Sun, 06 Nov 1994 08:49:37 GMT"}, text.begin());
  std::copy_n(weekdays.begin() + 3 * weekday{day}.c_encoding(), 3, text.begin());
  put_decimal(text.data() + 5, static_cast<unsigned>(date.day()), 2);
  std::copy_n(months.begin() + 3 * (static_cast<unsigned>(date.month()) - 1), 3, text.begin() + 8);
  put_decimal(text.data() + 12, static_cast<unsigned>((int{date.year()} % 10'000 + 10'000) % 10'000), 4);
  put_decimal(text.data() + 17, static_cast<unsigned>(clock.hours().count()), 2);
  put_decimal(text.data() + 20, static_cast<unsigned>(clock.minutes().count()), 2);
  put_decimal(text.data() + 23, static_cast<unsigned>(clock.seconds().count()), 2);
  return text;
}

std::string_view date_clock::line() {
  const auto& platform = abi::current_platform();
  if (const std::uint64_t now = platform.monotonic(); now >= valid_until_) {
    const std::int64_t wall = platform.wall();
    const std::int64_t into_second = ((wall % second) + second) % second;
    valid_until_ = now + static_cast<std::uint64_t>(second - into_second);
    const date_text text = format_date((wall - into_second) / second);
    char* at = std::ranges::copy(name, line_.data()).out;
    at = std::ranges::copy(text, at).out;
    std::ranges::copy(std::string_view{"\r\n"}, at);
  }
  return {line_.data(), line_.size()};
}

}  // namespace aster::http
