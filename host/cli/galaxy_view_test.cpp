#include "host/cli/galaxy_view.hpp"

#include <doctest/doctest.h>

using namespace aster::host;
using namespace aster::host::cli;

namespace {

const terminal nobody_looks{-1};

galaxy::galaxy_status sample() {
  galaxy::galaxy_status now;
  now.name = "sample";
  galaxy::service_status paste;
  paste.name = "paste";
  paste.state = galaxy::service_state::crash_loop;
  paste.wanted = 2;
  paste.requests = 1234567;
  paste.paths = {"/p", "paste.example/"};
  paste.version = 3;
  paste.why = "ended\x1b[2Jagain";
  galaxy::instance_status one;
  one.name = "paste-1";
  one.state = galaxy::instance_state::well;
  one.address = "10.77.0.7";
  one.pid = 4711;
  one.started = 1000;
  one.memory = 4'800'000;
  one.processor = 1.5;
  galaxy::instance_status two = one;
  two.name = "paste-2";
  two.state = galaxy::instance_state::ended;
  two.pid = 0;
  paste.instances = {one, two};
  galaxy::service_status links;
  links.name = "links";
  now.services = {paste, links};
  return now;
}

}  // namespace

TEST_CASE("a galaxy as a table of services") {
  CHECK(service_table(sample(), nobody_looks) ==
        "SERVICE  STATE       INSTANCES   REQUESTS  FAILED  WAITING   MEMORY  VERSION  PATHS\n"
        "paste    crash loop        1/2  1 234 567       0        0  9.60 MB        3  /p paste.example/\n"
        "  ended[2Jagain\n"
        "links    asleep            0/0          0       0        0        -        0\n");
}

TEST_CASE("a galaxy as a table of instances") {
  CHECK(instance_table(sample(), 1090, nobody_looks) ==
        "INSTANCE  STATE  ADDRESS     PID    UP  RESTARTS  REQUESTS   MEMORY     CPU  VERSION\n"
        "paste-1   well   10.77.0.7  4711  90 s         0         0  4.80 MB  1.50 s        0\n"
        "paste-2   ended  10.77.0.7     -     -         0         0  4.80 MB  1.50 s        0\n");
}

TEST_CASE("lines of several instances stand behind their names") {
  log_printer printer{nobody_looks};
  CHECK(printer.line({.instance = "paste-1", .time = {}, .text = "hello"}) == "paste-1    | hello\n");
  CHECK(printer.line({.instance = "a-very-long-name-1", .time = {}, .text = "x"}) ==
        "a-very-long-name-1 | x\n");
  galaxy::event e{.number = 1,
                  .time = 0,
                  .kind = "ended",
                  .service = "paste",
                  .instance = "paste-1",
                  .text = "exit code 0"};
  CHECK(printer.remark(e) == "*                  | paste-1 ended: exit code 0\n");
  e = {.number = 2, .time = 0, .kind = "crash_loop", .service = "paste", .instance = {}, .text = {}};
  CHECK(printer.remark(e) == "*                  | paste crash loop\n");
}

TEST_CASE("what an image says gives a terminal no orders") {
  CHECK(harmless("plain \t text", false) == "plain   text");
  CHECK(harmless("\x1b[31mred\x1b[0m", false) == "red");
  CHECK(harmless("\x1b[31mred", true) == "\x1b[31mred\x1b[0m");
  CHECK(harmless("\x1b[2J\x1b]0;title\x07\x1b[1", true) == "[2J]0;title[1");
  CHECK(harmless("\x1b", true) == "");
  CHECK(harmless("gr\xc3\xb6\xc3\x9f"
                 "er \xc2\x9b"
                 "2J \xc2\xa0",
                 true) ==
        "gr\xc3\xb6\xc3\x9f"
        "er 2J \xc2\xa0");
  CHECK(harmless("a\rb\x7f\x00", false) == "ab");
}

TEST_CASE("an event is a line with its time") {
  const std::string line = event_line({.number = 1,
                                       .time = 1'790'000'000'000,
                                       .kind = "crash_loop",
                                       .service = "paste",
                                       .instance = {},
                                       .text = "paste ends again\nand again"},
                                      nobody_looks);
  CHECK(line.ends_with("  paste           crash loop   paste ends againand again\n"));
  CHECK(line.find(':') == 2);
}
