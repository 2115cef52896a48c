// How a connection ends before its time: silence, clients that do not read or vanish, cancellation.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "aster/http/test/conversation.hpp"
#include "aster/http/test/simple_handlers.hpp"
#include "aster/task/clock.hpp"

namespace http = aster::http;
namespace task = aster::task;
using namespace std::chrono_literals;
using namespace std::string_literals;
using http::test::conversation;
using http::test::echo;
using http::test::hello;
using http::test::simulate;

TEST_CASE("silence ends a connection, at each stage in its own time") {
  http::options options;
  options.limits.idle = 60s;
  options.limits.header = 20s;
  options.limits.content = 15s;
  auto run = [&](auto&& talk) {
    simulate([&] {
      conversation c{echo, options};
      talk(c);
    });
  };
  run([](conversation& c) {  // no request at all
    task::sleep(59s);
    CHECK(!c.ended());
    task::sleep(2s);
    CHECK(c.ended());
    CHECK(c.receive().empty());
  });
  run([](conversation& c) {  // no second request
    c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    task::sleep(59s);
    CHECK(!c.ended());
    CHECK(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").contains("200 OK"));
    task::sleep(61s);
    CHECK(c.ended());
  });
  run([](conversation& c) {  // a head that does not end, however it is drawn out
    for (int i = 0; i < 19; ++i) {
      c.send("G");
      task::sleep(1s);
    }
    CHECK(!c.server().is_shut());
    CHECK(c.receive(2s).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  });
  run([](conversation& c) {  // a body that does not go on
    c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
    for (int i = 0; i < 4; ++i) {
      task::sleep(14s);
      CHECK(!c.server().is_shut());
      c.send("x");
    }
    CHECK(c.receive(16s).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    CHECK(c.server().is_shut());
  });
}

TEST_CASE("a client that does not read is cut off") {
  simulate([] {
    http::options options;
    options.limits.send = 30s;
    conversation c{[](const http::request&, http::response& res) { res.text(std::string(100'000, 'x')); },
                   options, 1000};
    c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    task::sleep(29s);
    CHECK(!c.ended());
    task::sleep(2s);
    CHECK(c.ended());
    CHECK(c.server().is_aborted());
  });
}

TEST_CASE("without limits of time a connection waits for ever") {
  simulate([] {
    http::options options;
    options.limits.idle = options.limits.header = options.limits.content = options.limits.send = 0s;
    conversation c{echo, options};
    task::sleep(100h);
    c.send("POST / HTTP/1.1\r\nHo");
    task::sleep(100h);
    c.send("st: h\r\nContent-Length: 2\r\n\r\na");
    task::sleep(100h);
    CHECK(c.ask("b").ends_with("[ab]"));
  });
}

TEST_CASE("a client that vanishes leaves nothing behind") {
  const std::string request = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  for (bool orderly : {true, false}) {
    for (std::size_t cut = 0; cut <= request.size(); ++cut) {
      CAPTURE(cut);
      simulate([&] {
        conversation c{echo};
        if (cut > 0) c.send(std::string_view{request}.substr(0, cut));
        task::sleep(1ms);
        if (orderly)
          c.finish();
        else
          c.client().abort();
        task::sleep(1ms);
        REQUIRE(c.ended());
      });
    }
  }
}

TEST_CASE("a connection that is cancelled anywhere unwinds") {
  simulate([] {
    conversation parked{[](const http::request&, http::response&) { task::sleep(1h); }};
    parked.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
    conversation idle{hello};
    conversation reading{echo};
    reading.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
    conversation writing{
        [](const http::request&, http::response& res) { res.text(std::string(5000, 'x')); }, {}, 100};
    writing.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    task::sleep(1ms);
    for (conversation* c : {&parked, &idle, &reading, &writing}) {
      c->stop();
      task::yield();
      CHECK(!c->ended());  // unwound, not returned
    }
  });
}

TEST_CASE("a megabyte goes through a narrow wire") {
  simulate([] {
    std::string page(1'000'000, ' ');
    for (std::size_t i = 0; i < page.size(); ++i) page[i] = static_cast<char>('a' + i % 26);
    conversation c{
        [&](const http::request&, http::response& res) { res.borrow("text/plain", page); }, {}, 1000};
    CHECK(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("\r\n\r\n" + page));
  });
}
