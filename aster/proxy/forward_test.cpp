#include "aster/proxy/forward.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "aster/proxy/test_service.hpp"

using namespace aster;
using namespace std::chrono_literals;
using http::test::conversation;
using http::test::simulate;
using proxy::test::at;
using proxy::test::service;

namespace {

/// A client in front of a proxy in front of two instances.
struct world {
  explicit world(http::test::handler handler, proxy::upstream_options options = {},
                 proxy::forward_options forwarding = {})
      : behind(std::move(handler)),
        up(behind.connector(), options),
        how(forwarding),
        front([this](const auto& req, auto& res) { proxy::forward(req, res, up, how); }) {
    up.set_instances(std::vector{at(1), at(2)});
  }
  service behind;
  proxy::upstream up;
  proxy::forward_options how;
  conversation front;
};

std::string body_of(std::string_view answer) {
  return std::string{answer.substr(answer.find("\r\n\r\n") + 4)};
}

void echo(const http::request& req, http::response& res) {
  std::string text = std::string{req.method_text()} + " " + std::string{req.target()} + "\n";
  for (const auto [name, value] : req.headers()) text += std::string{name} + ": " + std::string{value} + "\n";
  text += "\n" + std::string{req.body()};
  res.header("X-From", "service").text(text);
}

}  // namespace

TEST_CASE("a request reaches the service with what is the message's, and without what is the connection's") {
  simulate([] {
    world w{echo};
    const std::string answer = w.front.ask(
        "POST /a/b?c=d HTTP/1.1\r\nHost: site.example\r\nX-Own: 1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: "
        "2\r\nTE: trailers\r\n"
        "X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nContent-Length: 4\r\n\r\nbody");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.contains("\r\nX-From: service\r\n"));
    CHECK(answer.contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    CHECK(answer.find("Date:") == answer.rfind("Date:"));
    const std::string seen = body_of(answer);
    CHECK(seen.starts_with("POST /a/b?c=d\n"));
    CHECK(seen.contains("Host: site.example\n"));
    CHECK(seen.contains("X-Own: 1\n"));
    CHECK(seen.contains("X-Forwarded-For: ::\n"));  // of a client in memory
    CHECK(seen.contains("X-Forwarded-Proto: http\n"));
    CHECK(seen.contains("X-Forwarded-Host: site.example\n"));
    CHECK(seen.contains("Content-Length: 4\n"));
    CHECK(seen.ends_with("\n\nbody"));
    for (const char* gone : {"X-Hop", "TE:", "6.6.6.6", "keep-alive"}) CHECK_FALSE(seen.contains(gone));
  });
}

TEST_CASE(
    "a client that is trusted is continued, ids are those that are given, and the target may be "
    "another") {
  simulate([] {
    world w{
        echo,
        {},
        {.fields = {.trusts_client = true}, .target = "/rest", .request_id = "id-1", .trace = "00-ab-cd-01"}};
    const std::string seen =
        body_of(w.front.ask("GET /s/rest HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: "
                            "6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Request-Id: theirs\r\n\r\n"));
    CHECK(seen.starts_with("GET /rest\n"));
    CHECK(seen.contains("X-Forwarded-For: 6.6.6.6, ::\n"));
    CHECK(seen.contains("X-Forwarded-Proto: https\n"));
    CHECK(seen.contains("X-Request-Id: id-1\n"));
    CHECK_FALSE(seen.contains("theirs"));
    CHECK(seen.contains("traceparent: 00-ab-cd-01\n"));
  });
}

TEST_CASE("connections to a service are kept, and one that it has closed meanwhile costs no request") {
  simulate([] {
    world w{echo};
    w.behind.idle = 2s;
    w.up.set_instances(std::vector{at(1)});
    for (int i = 0; i < 5; ++i)
      CHECK(w.front.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 200"));
    CHECK(w.behind.connections[at(1)] == 1);
    task::sleep(10s);
    CHECK(w.front.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 200"));
    CHECK(w.behind.connections[at(1)] == 2);
  });
}

TEST_CASE("a request that can be repeated goes to another instance when one fails") {
  simulate([] {
    world w{echo};
    w.behind.down.insert(at(1));
    CHECK(w.front.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 200"));
    CHECK(w.behind.connections[at(1)] == 1);
    CHECK(w.behind.connections[at(2)] == 1);
    CHECK(
        w.front.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx").starts_with("HTTP/1.1 200"));
  });
  simulate([] {
    world w{echo};
    w.behind.broken[at(1)] = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    CHECK(w.front.ask("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx").starts_with("HTTP/1.1 200"));
  });
}

TEST_CASE("a request that changes something is sent once") {
  simulate([] {
    world w{echo};
    w.behind.broken[at(1)] = "";
    CHECK(
        w.front.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx").starts_with("HTTP/1.1 502"));
    CHECK(w.behind.connections[at(2)] == 0);
  });
}

TEST_CASE("what the service cannot do becomes a status that says whose fault it is") {
  simulate([] {
    world w{echo, {.patience = 1s}};
    w.up.set_instances({});
    CHECK(w.front.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").empty());  // it waits
    task::sleep(2s);
    CHECK(w.front.receive().starts_with("HTTP/1.1 503"));
  });
  for (const char* words : {"", "SSH-2.0\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"}) {
    CAPTURE(words);
    simulate([words] {
      world w{echo};
      w.behind.broken[at(1)] = w.behind.broken[at(2)] = words;
      CHECK(w.front.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 502"));
    });
  }
  simulate([] {
    world w{[](const http::request&, http::response&) { task::sleep(1h); }, {}, {.answer = 5s, .tries = 1}};
    w.front.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    task::sleep(6s);
    CHECK(w.front.receive().starts_with("HTTP/1.1 504"));
  });
}

TEST_CASE("large bodies stream through, both ways and whatever their framing") {
  simulate([] {
    world w{[](const http::request& req, http::response& res) {
      req.allow_body(10'000'000);
      auto out = res.stream("text/plain");
      std::vector<std::byte> part(10'000);
      while (const auto size = req.read(part)) out.write(std::span<const std::byte>{part}.first(size));
      out.trailer("X-Behind", "yes");
    }};
    const std::string large(300'000, 'z');
    task::scope fibers{"sender"};
    fibers.spawn("sender", [&] {
      w.front.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n" + large);
    });
    const std::string answer = w.front.receive(1s);
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(std::ranges::count(answer, 'z') == 300'000);
    CHECK(answer.ends_with("0\r\nX-Behind: yes\r\n\r\n"));
    fibers.join();
  });
  simulate([] {
    world w{echo};
    for (int i = 0; i < 2; ++i)
      CHECK(
          w.front.ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
              .ends_with("\nContent-Length: 3\n\nabc"));
  });
  simulate([] {
    world w{[](const http::request&, http::response& res) { res.text(std::string(200'000, 'y')); }};
    const std::string answer = w.front.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(answer.contains("\r\nContent-Length: 200000\r\n"));
    CHECK(body_of(answer).size() == 200'000);
    CHECK(w.front.ask("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n").contains("\r\nContent-Length: 200000\r\n"));
  });
}

TEST_CASE("a response that breaks off in the middle breaks off, and does not look whole") {
  simulate([] {
    world w{echo};
    w.behind.broken[at(1)] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    const std::string answer = w.front.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_FALSE(answer.contains("\r\n0\r\n"));
    CHECK(w.front.client().is_aborted());
  });
}

TEST_CASE("responses without a body and without a type come as they are") {
  simulate([] {
    world w{[](const http::request&, http::response& res) {
      res.status(http::status::not_modified).header("ETag", "\"x\"");
    }};
    const std::string answer = w.front.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 304 Not Modified\r\n"));
    CHECK(answer.contains("ETag: \"x\"\r\n"));
    CHECK_FALSE(answer.contains("Content-Type"));
    CHECK(answer.ends_with("\r\n\r\n"));
  });
  simulate([] {
    world w{echo};
    w.behind.broken[at(1)] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const std::string answer = w.front.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK_FALSE(answer.contains("Content-Type"));
    CHECK(body_of(answer) == "ok");
  });
}

TEST_CASE("another protocol passes through in both directions, until one end has had enough") {
  simulate([] {
    world w{[](const http::request&, http::response& res) {
      res.upgrade("echo/1", [](net::byte_stream& s) {
        std::array<std::byte, 64> part;
        while (const auto got = s.read(part)) {
          if (*got == 0) break;
          if (!s.write(std::span<const std::byte>{part}.first(*got))) break;
        }
        static_cast<void>(s.write(std::string_view{"bye"}));
      });
    }};
    const std::string head =
        w.front.ask("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    CHECK(head.contains("\r\nUpgrade: echo/1\r\n"));
    CHECK(w.front.ask("one") == "one");
    CHECK(w.front.ask("two") == "two");
    CHECK(w.up.outstanding() == 1);
    w.front.finish();
    CHECK(w.front.receive() == "bye");
    task::sleep(10s);
    CHECK(w.up.outstanding() == 0);
    CHECK(w.front.ended());
  });
}
