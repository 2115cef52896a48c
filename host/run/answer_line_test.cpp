#include "host/run/answer_line.hpp"

#include <doctest/doctest.h>

namespace {

using namespace aster::host;

TEST_CASE("an answer's line is a kind and values") {
  const auto line = parse_answer_line("fiber name=main waits_for=a%20connection switches=12 scope=");
  REQUIRE(line);
  CHECK(line->kind == "fiber");
  CHECK((*line)["waits_for"] == "a connection");
  CHECK((*line)["scope"] == "");
  CHECK((*line)["none"] == "");
  CHECK(line->number("switches") == 12);
  CHECK(line->number("name") == 0);
  CHECK(parse_answer_line("counters")->values.empty());
}

TEST_CASE("what an image makes up is no line") {
  for (const char* odd : {"", " ", "Kind a=1", "kind a", "kind =1", "kind A=1", "kind a=%", "kind a=%0",
                          "kind a=%zz", "kind a=%00", "kind  a=1", "k\x1b a=1", "kind a\x1b=1"}) {
    CAPTURE(odd);
    CHECK(!parse_answer_line(odd));
  }
}

}  // namespace
