#include "aster/proxy/trace_context.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace aster::proxy;

TEST_CASE("a traceparent is taken as the W3C writes it, and nothing else is") {
  CHECK(trace_id("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") ==
        "0af7651916cd43dd8448eb211c80319c");
  CHECK(trace_id("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more").size() == 32);
  for (const char* none : {"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                           "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                           "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x"})
    CHECK_MESSAGE(trace_id(none).empty(), none);
}

TEST_CASE("traceparents that are made are ones, and no two alike") {
  trace_source source{7};
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string made = source.next();
    CHECK(trace_id(made).size() == 32);
    seen.insert(std::string{trace_id(made)});
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("somebody else's request id is taken when it is harmless") {
  for (const char* good : {"a", "0af7651916cd43dd8448eb211c80319c", "A-b_c.9"}) CHECK(is_request_id(good));
  for (const char* bad : {"", "a b", "a\"b", "\xc3\xbc", "<x>"}) CHECK_FALSE(is_request_id(bad));
  CHECK_FALSE(is_request_id(std::string(65, 'a')));
}
