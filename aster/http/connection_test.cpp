// Requests and their answers on one connection: one after the other, in pieces, pipelined.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "aster/http/test/conversation.hpp"
#include "aster/http/test/simple_handlers.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/scope.hpp"

namespace http = aster::http;
namespace task = aster::task;
using namespace std::chrono_literals;
using namespace std::string_literals;
using http::test::conversation;
using http::test::count;
using http::test::echo;
using http::test::hello;
using http::test::simulate;
using http::test::without_date;

TEST_CASE("a request is answered") {
  simulate([] {
    conversation c{hello};
    const std::string answer = c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(answer.contains("\r\nDate: "));
    CHECK(without_date(answer) ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n\r\nHello\n");
    CHECK(!c.ended());
  });
}

TEST_CASE("a connection serves one request after the other, each in one write") {
  simulate([] {
    conversation c{hello};
    for (int i = 1; i <= 100; ++i) {
      CHECK(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("\r\n\r\nHello\n"));
      CHECK(c.server().writes() == i);
    }
  });
}

TEST_CASE("a request that comes byte by byte is answered once") {
  simulate([] {
    conversation c{echo};
    c.send_byte_by_byte(
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: "
        "1\r\n\r\n");
    CHECK(c.receive().ends_with("POST /a [abcde] T=1"));
    c.send_byte_by_byte("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nfghij");
    CHECK(c.receive().ends_with("POST /b [fghij]"));
  });
}

TEST_CASE("every split of a conversation into two parts gives the same answers") {
  const std::string requests =
      "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
      "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n"
      "HEAD /4 HTTP/1.1\r\nHost: h\r\n\r\n"
      "GET /5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  std::string expected;
  for (std::size_t cut = 0; cut <= requests.size(); ++cut) {
    simulate([&] {
      conversation c{echo};
      if (cut > 0) c.send(std::string_view{requests}.substr(0, cut));
      std::string answers = c.receive();
      if (cut < requests.size()) c.send(std::string_view{requests}.substr(cut));
      answers += c.receive();
      answers = without_date(answers);
      if (cut == 0) expected = answers;
      CAPTURE(cut);
      REQUIRE(answers == expected);
      REQUIRE(c.ended());
    });
  }
  CHECK(expected.contains("POST /1 [hello]HTTP/1.1 200"));
  CHECK(expected.contains("GET /2 []HTTP/1.1 200"));
  CHECK(expected.contains("POST /3 [hello] A=bHTTP/1.1 200"));
  CHECK(expected.ends_with("GET /5 []"));
  CHECK(count(expected, "Connection: close\r\n") == 1);
}

TEST_CASE("pipelined requests are answered in order and in one write") {
  simulate([] {
    conversation c{echo};
    std::string requests;
    for (int i = 0; i < 20; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    // The first read takes 1 KiB, so the first twenty-odd come at once.
    const std::string answers = c.ask(requests);
    std::size_t at = 0;
    for (int i = 0; i < 20; ++i) {
      at = answers.find("GET /" + std::to_string(i) + " []", at);
      REQUIRE(at != std::string::npos);
    }
    CHECK(c.server().writes() == 1);
  });
}

TEST_CASE("an answer does not wait for the handler of the request behind it") {
  simulate([] {
    conversation c{[](const http::request& req, http::response& res) {
      if (req.path() == "/slow") task::sleep(1h);
      res.text(req.path());
    }};
    c.send(
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\nGET /slow HTTP/1.1\r\nHost: "
        "h\r\n\r\n"
        "GET /c HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string first = c.receive();
    CHECK(first.contains("/a"));
    CHECK(first.ends_with("/b"));
    CHECK(c.server().writes() == 1);
    task::sleep(1h);
    const std::string second = c.receive();
    CHECK(second.contains("/slow"));
    CHECK(second.ends_with("/c"));
    CHECK(c.server().writes() == 2);
  });
}

TEST_CASE("an answer that is sent aside and a client that does not read it do not mix") {
  simulate([] {
    const std::string page(3000, 'p');
    conversation c{[&](const http::request& req, http::response& res) {
                     if (req.path() == "/park") task::sleep(1ms);
                     if (req.path() == "/stream") {
                       auto out = res.stream("text/plain", 3000);
                       out.write(page);
                       return;
                     }
                     res.borrow("text/plain", page);
                   },
                   {},
                   64};  // the wire holds 64 bytes: every write is held up
    std::string requests;
    for (const char* path : {"/a", "/park", "/stream", "/b", "/park", "/park", "/stream", "/c"})
      requests += "GET "s + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
    std::string answers;
    task::scope client{"client"};
    client.spawn("writer", [&] { c.send(requests); });
    answers = c.receive();
    client.join();
    CHECK(count(answers, "HTTP/1.1 200 OK\r\n") == 8);
    CHECK(count(answers, "\r\n\r\n" + page) == 8);
    CHECK(without_date(answers).size() ==
          8 * std::string{"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3000\r\n\r\n"}
                      .size() +
              8 * 3000);
  });
}

TEST_CASE("HEAD gets the head that GET would get") {
  simulate([] {
    conversation c{hello};
    std::string get = without_date(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    const std::string head = without_date(c.ask("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"));
    CHECK(get == head + "Hello\n");
    // And a streamed body stays unsent, too.
    conversation s{[](const http::request&, http::response& res) {
      auto out = res.stream("text/plain");
      out.write("some");
    }};
    CHECK(s.ask("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("Transfer-Encoding: chunked\r\n\r\n"));
    CHECK(s.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("\r\n\r\n4\r\nsome\r\n0\r\n\r\n"));
  });
}

TEST_CASE("the client's wish about the connection is obeyed") {
  struct wish {
    const char* request;
    bool closes;
    const char* says;
  };
  const wish wishes[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", false, nullptr},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", true, "Connection: close\r\n"},
      {"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", false, nullptr},
      {"GET / HTTP/1.0\r\n\r\n", true, "Connection: close\r\n"},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", false, "Connection: keep-alive\r\n"},
  };
  for (const wish& w : wishes) {
    CAPTURE(w.request);
    simulate([&] {
      conversation c{hello};
      const std::string answer = c.ask(w.request);
      CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
      CHECK(c.ended() == w.closes);
      if (w.says != nullptr)
        CHECK(answer.contains(w.says));
      else
        CHECK(!answer.contains("Connection:"));
    });
  }
}
