#include "aster/web/timing.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>

#include "aster/task/clock.hpp"
#include "aster/web/app.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {
constexpr web::route<"/slow"> slow;
}

TEST_CASE("a metric has milliseconds and, if it is given one, a description") {
  CHECK(web::timing("db", 1234567ns) == "db;dur=1.234");
  CHECK(web::timing("db", 5ms) == "db;dur=5.000");
  CHECK(web::timing("db", -1ms) == "db;dur=0.000");
  CHECK(web::timing("db", 7us, "a \"b\\") == "db;dur=0.007;desc=\"a \\\"b\\\\\"");
  CHECK_THROWS_AS(web::timing("a b", 1ms), std::invalid_argument);
  CHECK_THROWS_AS(web::timing("", 1ms), std::invalid_argument);
  CHECK_THROWS_AS(web::timing("a", 1ms, "x\r\ny"), std::invalid_argument);
}

TEST_CASE("the time of all that stands behind is told, beside what handlers tell") {
  web::app app{web::wrap(web::server_timing{}), web::get(slow, [] {
                 task::sleep(5ms);
                 return web::text("done").header("Server-Timing", web::timing("nap", 5ms));
               })};
  web::test::client client{app};
  const auto answer = client.get("/slow");
  int metrics = 0;
  for (const auto& [name, value] : answer.headers) metrics += name == "Server-Timing";
  CHECK(metrics == 2);
  CHECK(answer.header("server-timing") == "nap;dur=5.000");
  const auto missing = client.get("/none");
  CHECK(missing.status == 404);
  CHECK(missing.header("server-timing").value_or("").starts_with("total;dur="));
}
