#include "aster/http/date.hpp"

#include <doctest/doctest.h>

#include <string>

#include "abi/platform.hpp"

namespace http = aster::http;

namespace {

std::string format(std::int64_t seconds) {
  const http::date_text text = http::format_date(seconds);
  return {text.begin(), text.end()};
}

}  // namespace

TEST_CASE("dates are written as RFC 9110 shows them") {
  CHECK(format(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");  // the example of RFC 9110 §5.6.7
  CHECK(format(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(format(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT");
  CHECK(format(1709251199) == "Thu, 29 Feb 2024 23:59:59 GMT");
  CHECK(format(4102444800) == "Fri, 01 Jan 2100 00:00:00 GMT");
  CHECK(format(253402300799) == "Fri, 31 Dec 9999 23:59:59 GMT");
  CHECK(format(-1) == "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST_CASE("the clock's line is the wall clock's second") {
  http::date_clock clock;
  const auto second = [] { return aster::abi::current_platform().wall() / 1'000'000'000; };
  std::int64_t before = 0, after = 1;
  std::string line;
  while (before != after) {  // until no second has passed in between
    before = second();
    line = clock.line();
    after = second();
  }
  CHECK(line == "Date: " + format(before) + "\r\n");
}

TEST_CASE("dates are read in all three forms that RFC 9110 5.6.7 knows") {
  constexpr std::int64_t now = 1'700'000'000;  // November 2023
  struct {
    std::string_view text;
    std::optional<std::int64_t> seconds;
  } const cases[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
      {"Sun Nov  6 08:49:37 1994", 784111777},
      {"Wed Nov 16 08:49:37 1994", 784975777},
      {"Friday, 06-Nov-94 08:49:37 GMT", 784111777},  // its weekday is another
      {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199},
      {"Tuesday, 01-Jan-30 00:00:00 GMT", 1893456000},  // seven years ahead
      {"Sunday, 01-Jan-73 00:00:00 GMT", 3250454400},   // 50 years ahead
      {"Tuesday, 01-Jan-74 00:00:00 GMT", 126230400},   // 51 are too many
      {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},    // a leap second
      {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
      {"", {}},
      {"Sun", {}},
      {"Sun, 06 Nov 1994 08:49:37", {}},
      {"Sun, 06 Nov 1994 08:49:37 UTC", {}},
      {"Sun, 06 Nov 1994 08:49:37 GMT ", {}},
      {"sun, 06 nov 1994 08:49:37 gmt", {}},
      {"Sun, 6 Nov 1994 08:49:37 GMT", {}},
      {"Sun, 31 Nov 1994 08:49:37 GMT", {}},
      {"Wed, 29 Feb 2023 08:49:37 GMT", {}},
      {"Sun, 00 Nov 1994 08:49:37 GMT", {}},
      {"Sun, 06 Nov 1994 24:00:00 GMT", {}},
      {"Sun, 06 Nov 1994 08:60:37 GMT", {}},
      {"Sun, 06 Nov 1994 08:49:61 GMT", {}},
      {"Sun, 06 Nov -994 08:49:37 GMT", {}},
      {"Day, 06 Nov 1994 08:49:37 GMT", {}},
      {"Sun, 06 Noo 1994 08:49:37 GMT", {}},
      {"Monsday, 06-Nov-94 08:49:37 GMT", {}},
      {"784111777", {}},
  };
  for (const auto& [text, seconds] : cases) {
    CAPTURE(text);
    CHECK(http::parse_date(text, now) == seconds);
  }
}

TEST_CASE("what is written is read back") {
  for (std::int64_t t = 0; t < 253402300800; t += 864'001'234) {
    const http::date_text text = http::format_date(t);
    CHECK(http::parse_date({text.data(), text.size()}, 0) == t);
  }
}
