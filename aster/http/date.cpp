#include "aster/http/date.hpp"

#include <algorithm>
#include <chrono>

#include "abi/platform.hpp"
#include "aster/http/grammar.hpp"

namespace aster::http {
namespace {

constexpr std::int64_t second = 1'000'000'000;  // in nanoseconds

void put_decimal(char* at, unsigned value, int digits) {
  while (digits-- > 0) {
    at[digits] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

constexpr std::string_view weekday_names = "SunMonTueWedThuFriSat",
                           month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";

/// Reads the parts of a date from the front of a text. Once something did not fit, all that follows fails.
struct date_reader {
  std::string_view rest;
  bool ok = true;

  void literal(std::string_view expected) {
    ok = ok && rest.starts_with(expected);
    if (ok) rest.remove_prefix(expected.size());
  }
  unsigned number(std::size_t digits) {
    ok = ok && rest.size() >= digits;
    unsigned value = 0;
    for (std::size_t i = 0; ok && i < digits; ++i) {
      ok = is_digit(rest[i]);
      value = value * 10 + static_cast<unsigned>(rest[i] - '0');
    }
    if (ok) rest.remove_prefix(digits);
    return value;
  }
  /// A day of one digit has a blank in front (asctime).
  unsigned blank_padded_day() {
    if (!rest.starts_with(' ')) return number(2);
    rest.remove_prefix(1);
    return number(1);
  }
  /// One of several names of three letters; how many stand in front of it.
  unsigned name(std::string_view all) {
    for (std::size_t at = 0; ok && at < all.size(); at += 3) {
      if (!rest.starts_with(all.substr(at, 3))) continue;
      rest.remove_prefix(3);
      return static_cast<unsigned>(at / 3);
    }
    ok = false;
    return 0;
  }
};

constexpr std::string_view rest_of_weekday[] = {"day", "day", "sday", "nesday", "rsday", "day", "urday"};

int year_of(std::int64_t seconds) {
  using namespace std::chrono;
  return int{year_month_day{floor<days>(sys_seconds{std::chrono::seconds{seconds}})}.year()};
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now) {
  date_reader in{text};
  unsigned day = 0, month = 0, hour = 0, minute = 0, second_of_minute = 0;
  int year = 0;
  const auto time = [&] {
    hour = in.number(2);
    in.literal(":");
    minute = in.number(2);
    in.literal(":");
    second_of_minute = in.number(2);
  };
  const unsigned weekday = in.name(weekday_names);
  if (in.rest.starts_with(", ")) {  // IMF-fixdate
    in.literal(", ");
    day = in.number(2);
    in.literal(" ");
    month = in.name(month_names);
    in.literal(" ");
    year = static_cast<int>(in.number(4));
    in.literal(" ");
    time();
    in.literal(" GMT");
  } else if (in.rest.starts_with(' ')) {  // asctime-date
    in.literal(" ");
    month = in.name(month_names);
    in.literal(" ");
    day = in.blank_padded_day();
    in.literal(" ");
    time();
    in.literal(" ");
    year = static_cast<int>(in.number(4));
  } else {  // rfc850-date
    if (in.ok) in.literal(rest_of_weekday[weekday]);
    in.literal(", ");
    day = in.number(2);
    in.literal("-");
    month = in.name(month_names);
    in.literal("-");
    year = static_cast<int>(in.number(2));
    in.literal(" ");
    time();
    in.literal(" GMT");
    const int this_year = year_of(now);
    year += this_year - this_year % 100;
    if (year > this_year + 50) year -= 100;
  }
  if (!in.ok || !in.rest.empty() || hour > 23 || minute > 59 || second_of_minute > 60) return std::nullopt;
  using namespace std::chrono;
  const year_month_day date{std::chrono::year{year}, std::chrono::month{month + 1}, std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60 + second_of_minute;
}

date_text format_date(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds{seconds}};
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  date_text text;
  std::ranges::copy(std::string_view{"Sun, 06 Nov 1994 08:49:37 GMT"}, text.begin());
  std::copy_n(weekday_names.begin() + 3 * weekday{day}.c_encoding(), 3, text.begin());
  put_decimal(text.data() + 5, static_cast<unsigned>(date.day()), 2);
  std::copy_n(month_names.begin() + 3 * (static_cast<unsigned>(date.month()) - 1), 3, text.begin() + 8);
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
