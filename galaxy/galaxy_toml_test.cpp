// The sample's galaxy.toml says what its pages say of it.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "host/galaxy/declaration.hpp"

using namespace aster::host::galaxy;
using namespace std::chrono_literals;

TEST_CASE("every service has a folder, a route and the time to sleep that its page tells") {
  std::ifstream file{SAMPLE "/galaxy.toml"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto read = read_declaration(text, "galaxy");
  if (!read)
    for (const complaint& c : read.error()) MESSAGE(to_string(c, "galaxy.toml"));
  REQUIRE(read);
  CHECK(read->name == "sample");
  CHECK(read->front.source == "edge");
  REQUIRE(read->services.size() == 5);
  for (const service& s : read->services) {
    CAPTURE(s.name);
    CHECK(std::filesystem::exists(std::filesystem::path{SAMPLE} / s.source / "CMakeLists.txt"));
    CHECK(std::ranges::contains(read->routes, s.name, &route::service));
  }
  const auto named = [&](std::string_view name) {
    return *std::ranges::find(read->services, name, &service::name);
  };
  CHECK(named("shortener").fewest == 1);
  CHECK(named("shortener").most == 1);
  CHECK(named("paste").idle == 30min);
  CHECK(named("links").idle == 30s);
  CHECK(named("chat").most == 1);
  CHECK(named("status").reaches.size() == 4);
  CHECK_FALSE(named("status").reaches_world);
}
