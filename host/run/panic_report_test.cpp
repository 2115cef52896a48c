#include "host/run/panic_report.hpp"

#include <doctest/doctest.h>

using namespace aster::host;

namespace {

std::string headline_of(const char* text) {
  const std::string report =
      render({.text = text, .fiber = {}, .registers = {}, .frames = {}}, "/nonexistent");
  REQUIRE(report.starts_with("panic: "));
  REQUIRE(report.ends_with('\n'));
  return report.substr(7, report.size() - 8);
}

}  // namespace

TEST_CASE("an exception's type reads as in the source, and its words stay") {
  CHECK(headline_of("uncaught exception St13runtime_error: oops") ==
        "uncaught exception std::runtime_error: oops");
  CHECK(headline_of("uncaught exception St13runtime_error: i: i") ==
        "uncaught exception std::runtime_error: i: i");
  CHECK(headline_of("uncaught exception NSt3__112system_errorE") == "uncaught exception std::system_error");
  CHECK(headline_of("uncaught exception i") == "uncaught exception int");
  CHECK(headline_of("uncaught exception ") == "uncaught exception ");
  CHECK(headline_of("no uncaught exception i") == "no uncaught exception i");
}

TEST_CASE("a report of which nothing is known is whole, and can do nothing to a terminal") {
  const panic_report report{
      .text = "uncaught exception i: \x1b[2J",
      .fiber = "main",
      .registers = {{"rip", 1}},
      .frames = {{.address = 0x1234, .absolute = true}, {.address = 0x10, .absolute = false}},
      .cut_short = true};
  CHECK(render(report, "/nonexistent") ==
        "panic: uncaught exception int: \\x1b[2J\n"
        "  in fiber main\n"
        "  #0 0x1234 outside the image\n"
        "  #1 image+0x10\n"
        "  (functions' names come from nonexistent.debug, which is missing or belongs to another build)\n"
        "     rip=0000000000000001\n"
        "  (the report was cut short)\n");
}
