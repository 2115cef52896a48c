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
