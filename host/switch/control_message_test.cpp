#include "host/switch/control_message.hpp"

#include <doctest/doctest.h>

#include "aster/json/write.hpp"

using namespace aster::host;

TEST_CASE("an order is one line that says what to do, and reads back as it was") {
  const switch_control::order all[] = {
      switch_control::station{7, "shortener", "10.77.0.7", true, "5eed"},
      switch_control::remove{7},
      switch_control::rules{{{"edge", "shortener"}, {"shop", "paste"}}},
      switch_control::publish{"127.0.0.1", 8080, 2, 80},
      switch_control::unpublish{"127.0.0.1", 8080},
      switch_control::answer{12, {"10.77.0.7"}, false},
      switch_control::probe{5, 7, 80, "/health", 1000, true},
      switch_control::probe{.id = 6, .station = 7, .port = 80},
      switch_control::traffic{},
      switch_control::end{},
  };
  for (const switch_control::order& o : all) {
    const std::string line = switch_control::write(o);
    CAPTURE(line);
    REQUIRE(line.ends_with("}\n"));
    CHECK(line.find('\n') == line.size() - 1);
    const auto read = switch_control::read_order(std::string_view(line).substr(0, line.size() - 1));
    REQUIRE(read);
    CHECK(switch_control::write(*read) == line);
  }
  CHECK(switch_control::write(switch_control::order(switch_control::traffic{})) == "{\"do\":\"traffic\"}\n");
  CHECK(switch_control::write(switch_control::order(switch_control::remove{7})) ==
        "{\"do\":\"remove\",\"station\":7}\n");
}

TEST_CASE("an event is one line that says what was, and reads back as it was") {
  const switch_control::event all[] = {
      switch_control::state{{{7, "shortener", true}}, {{"127.0.0.1", 8080, 2, 80}}},
      switch_control::attached{7},
      switch_control::detached{7},
      switch_control::question{12, 7, "shortener"},
      switch_control::probed{5, true, 200, ""},
      switch_control::traffic_report{{{7, 1, 2, 3, 4, 5, 1200}}},
      switch_control::done{.of = "publish", .address = "127.0.0.1", .port = 8080},
      switch_control::failed{
          .of = "publish", .address = "127.0.0.1", .port = 8080, .why = "port 8080 of 127.0.0.1 is in use"},
  };
  for (const switch_control::event& e : all) {
    const std::string line = switch_control::write(e);
    CAPTURE(line);
    const auto read = switch_control::read_event(std::string_view(line).substr(0, line.size() - 1));
    REQUIRE(read);
    CHECK(switch_control::write(*read) == line);
  }
}

TEST_CASE("a line that makes no sense is told by what is wrong with it") {
  const auto why = [](std::string_view line) { return switch_control::read_order(line).error(); };
  CHECK(why("").contains("line 1"));
  CHECK(why("{}").contains("do is missing"));
  CHECK(why(R"({"do":"dance"})") == "that word is none of this protocol's");
  CHECK(why(R"({"do":"remove"})").starts_with("remove: station is missing"));
  CHECK(why(R"({"do":"remove","station":-1})").starts_with("remove: station "));
  CHECK(why(R"({"do":"publish","address":"127.0.0.1","port":65536,"station":2,"to":80})")
            .starts_with("publish: port "));
  CHECK(why(R"({"do":"rules","allowed":[["a"]]})").starts_with("rules: allowed[0]"));
  CHECK(why(std::string(switch_control::line_limit, ' ')) == "the line is too long");
}

TEST_CASE("what the reader does not know is passed over") {
  const auto read = switch_control::read_order(R"({"colour":"blue","station":7,"do":"remove"})");
  REQUIRE(read);
  CHECK(std::get<switch_control::remove>(*read).station == 7);
}
