#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "aster/http/failure.hpp"
#include "aster/http/test/conversation.hpp"
#include "aster/task/cancellation.hpp"

namespace http = aster::http;
namespace net = aster::net;
namespace task = aster::task;
using namespace std::chrono_literals;
using http::test::conversation;
using http::test::simulate;

namespace {

constexpr std::string_view offer =
    "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: other, echo/1\r\n\r\n";

/// Sends back what comes until it ends, in brackets.
void echo_all(net::byte_stream& s) {
  std::array<std::byte, 64> buffer;
  for (;;) {
    const auto got = s.read(buffer);
    if (!got || *got == 0) break;
    std::string text{"["};
    text.append(reinterpret_cast<const char*>(buffer.data()), *got).append("]");
    if (!s.write(std::string_view{text})) break;
  }
  static_cast<void>(s.write(std::string_view{"bye"}));
}

void upgrades(const http::request&, http::response& res) {
  res.header("X-Note", "7").upgrade("echo/1", &echo_all);
}

std::string body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return std::string{answer.substr(end == std::string_view::npos ? answer.size() : end + 4)};
}

}  // namespace

TEST_CASE("an upgrade answers 101 with its fields, and then the connection belongs to the other protocol") {
  simulate([] {
    conversation c{upgrades};
    const std::string head = c.ask(offer);
    CHECK(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    CHECK(head.contains("\r\nUpgrade: echo/1\r\n"));
    CHECK(head.contains("\r\nConnection: Upgrade\r\n"));
    CHECK(head.contains("\r\nX-Note: 7\r\n"));
    CHECK(!head.contains("Content-Length"));
    CHECK(!head.contains("close"));
    CHECK(head.ends_with("\r\n\r\n"));
    CHECK(c.ask("GET / HTTP/1.1\r\n\r\n") == "[GET / HTTP/1.1\r\n\r\n]");
    CHECK(!c.ended());
    c.finish();
    CHECK(c.receive() == "bye");
    CHECK(c.ended());
    CHECK(!c.server().is_aborted());
  });
}

TEST_CASE("what came behind the request is read first, all of it and in order") {
  simulate([] {
    conversation c{upgrades};
    std::string text;
    for (int i = 0; i < 400; ++i) text += static_cast<char>('a' + i % 26);
    c.send(std::string{offer} + text);
    std::string echoed = body_of(c.receive());
    std::erase_if(echoed, [](char ch) { return ch == '[' || ch == ']'; });
    CHECK(echoed == text);
    CHECK(c.ask("later") == "[later]");
  });
}

TEST_CASE("the body of a request that is upgraded comes before the other protocol") {
  simulate([] {
    conversation c{upgrades};
    c.send(
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\nContent-Length: "
        "4\r\n\r\nab");
    CHECK(c.receive().empty());
    CHECK(body_of(c.ask("cdef")) == "[ef]");
  });
}

TEST_CASE("a body that is waited for is asked for with 100 before the 101 (RFC 9110 7.8)") {
  simulate([] {
    conversation c{upgrades};
    c.send(
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\nContent-Length: 2\r\n"
        "Expect: 100-continue\r\n\r\n");
    CHECK(c.receive() == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(c.ask("ab").starts_with("HTTP/1.1 101 "));
  });
}

TEST_CASE("a body that is too long to be skipped keeps a request from being upgraded") {
  simulate([] {
    conversation c{upgrades};
    const std::string answer = c.ask(
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n"
        "Content-Length: 1000000\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 413 "));
    CHECK(answer.contains("\r\nConnection: close\r\n"));
  });
}

TEST_CASE("answers to earlier requests go before") {
  simulate([] {
    conversation c{[](const http::request& req, http::response& res) {
      if (req.offers_upgrade("echo/1"))
        res.upgrade("echo/1", &echo_all);
      else
        res.text("first\n");
    }};
    const std::string answer = c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n" + std::string{offer} + "x");
    CHECK(answer.find("first") < answer.find(" 101 "));
    CHECK(answer.ends_with("\r\n\r\n[x]"));
  });
}

TEST_CASE("what is offered is listed in both fields, in any case, and never in HTTP/1.0") {
  simulate([] {
    const auto offers = [](std::string_view head) {
      bool result = false;
      conversation c{
          [&](const http::request& req, http::response&) { result = req.offers_upgrade("echo/1"); }};
      c.ask(head);
      return result;
    };
    CHECK(offers(offer));
    CHECK(offers(
        "GET / HTTP/1.1\r\nHost: h\r\nupgrade: ECHO/1\r\nconnection: a\r\nconnection: uPGRADE\r\n\r\n"));
    CHECK(!offers("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: echo/1\r\n\r\n"));
    CHECK(!offers("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"));
    CHECK(!offers("GET / HTTP/1.0\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\n"));
  });
}

TEST_CASE("nothing is upgraded for HTTP/1.0, nor to what is no protocol") {
  simulate([] {
    conversation old{upgrades};
    CHECK(old.ask("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\n")
              .starts_with("HTTP/1.1 400 "));
    for (const char* name : {"", "a b", "a/", "/b", "a/b/c", "a\r\nb"}) {
      conversation c{[&](const http::request&, http::response& res) {
        CHECK_THROWS_AS(res.upgrade(name, &echo_all), std::invalid_argument);
      }};
      CHECK(c.ask(offer).starts_with("HTTP/1.1 200 "));
    }
  });
}

TEST_CASE("a handler that throws after it has asked for an upgrade is answered like any other") {
  simulate([] {
    bool used = false;
    conversation c{[&](const http::request&, http::response& res) {
      res.upgrade("echo/1", [&](net::byte_stream&) { used = true; });
      throw http::failure{http::status::forbidden};
    }};
    const std::string answer = c.ask(offer);
    CHECK(answer.starts_with("HTTP/1.1 403 "));
    CHECK(!answer.contains("Upgrade"));
    CHECK(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 403 "));
    CHECK(!used);
  });
}

TEST_CASE("an exception that leaves the other protocol breaks the connection off") {
  simulate([] {
    conversation c{[](const http::request&, http::response& res) {
      res.upgrade("echo/1", [](net::byte_stream&) { throw std::runtime_error("lost its way"); });
    }};
    c.ask(offer);
    CHECK(c.ended());
    CHECK(c.server().is_aborted());
  });
}

TEST_CASE(
    "what the other protocol owns is destroyed with it, the connection's task is cancelled through it") {
  simulate([] {
    const auto owned = std::make_shared<int>(1);
    bool unwound = false;
    {
      conversation c{[&](const http::request&, http::response& res) {
        res.upgrade("echo/1", [owned, &unwound](net::byte_stream& s) {
          struct watch {
            bool& flag;
            ~watch() { flag = true; }
          } guard{unwound};
          echo_all(s);
        });
      }};
      c.ask(offer);
      CHECK(owned.use_count() == 2);
      c.stop();
      task::sleep(1ms);
      CHECK(unwound);
    }
    CHECK(owned.use_count() == 1);
  });
}
