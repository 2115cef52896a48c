#include <doctest/doctest.h>

#include "host/words/duration.hpp"
#include "host/words/quantity.hpp"
#include "host/words/suggestion.hpp"

using namespace aster::host;
using namespace std::chrono_literals;

TEST_CASE("edit distance counts swapped neighbours once") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("rnu", "run") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("memory is read in the units that people write") {
  CHECK(parse_memory("8") == 8u << 20);
  CHECK(parse_memory("512K") == 512u << 10);
  CHECK(parse_memory("8MiB") == 8u << 20);
  CHECK(parse_memory("1g") == 1u << 30);
  for (const char* wrong :
       {"", "0", "-1", "8X", "M", "8MM", "1.5G", " 8", "99999999999999999999", "9999999999999G"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_memory(wrong).has_value());
  }
}

TEST_CASE("sizes are shown with three digits") {
  CHECK(to_bytes_text(0) == "0 B");
  CHECK(to_bytes_text(999) == "999 B");
  CHECK(to_bytes_text(1000) == "1.00 KB");
  CHECK(to_bytes_text(99'960) == "100 KB");
  CHECK(to_bytes_text(999'600) == "1.00 MB");
  CHECK(to_bytes_text(1'423'000) == "1.42 MB");
}

TEST_CASE("durations are read with the unit that they need, and shown with the largest that fits") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("5s") == 5s);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("1h") == 1h);
  CHECK(parse_duration("0s") == 0s);
  for (const char* wrong :
       {"", "5", "s", "-5s", "5 s", "1.5s", "5sec", "99999999999999999999s", "9999999999999h"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong).has_value());
  }
  CHECK(to_duration_text(0ms) == "0s");
  CHECK(to_duration_text(250ms) == "250ms");
  CHECK(to_duration_text(1500ms) == "1500ms");
  CHECK(to_duration_text(90s) == "90s");
  CHECK(to_duration_text(120s) == "2m");
  CHECK(to_duration_text(2h) == "2h");
}
