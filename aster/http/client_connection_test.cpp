#include "aster/http/client_connection.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "aster/http/test/conversation.hpp"
#include "aster/task/scope.hpp"

namespace http = aster::http;
namespace net = aster::net;
namespace task = aster::task;
using namespace std::chrono_literals;
using http::client_failure;
using http::test::simulate;

namespace {

/// Our server on one end and a client on the other.
struct pair {
  explicit pair(http::test::handler handler) : server{std::move(handler)}, client{server.client(), limits} {}
  http::limits limits{};
  http::test::conversation server;
  http::client_connection client;
};

/// A server that says `answer`, whatever it is asked, and then closes or is silent.
struct scripted {
  explicit scripted(std::string_view answer, bool closes = true) : client{wire.client(), limits} {
    fibers.spawn("server", [this, answer = std::string{answer}, closes] {
      std::array<std::byte, 4096> buffer;
      if (const auto got = wire.server().read(buffer); got && *got > 0)
        asked.append(reinterpret_cast<const char*>(buffer.data()), *got);
      for (const char c : answer) {  // the worst way to cut it
        static_cast<void>(wire.server().write(std::string_view{&c, 1}));
        task::yield();
      }
      if (closes) wire.server().shutdown_write();
    });
  }
  http::limits limits{};
  http::memory_connection wire;
  std::string asked;
  http::client_connection client;
  task::scope fibers{"scripted"};
};

client_failure failure_of(std::string_view answer) {
  client_failure why{};
  simulate([&] {
    scripted s{answer};
    REQUIRE(s.client.send({.host = "h"}));
    if (const auto head = s.client.receive(); !head) {
      why = head.error();
    } else {
      const auto body = s.client.all();
      REQUIRE_FALSE(body);
      why = body.error();
    }
    CHECK_FALSE(s.client.is_reusable());
  });
  return why;
}

}  // namespace

TEST_CASE("requests and their responses follow each other on one connection") {
  simulate([] {
    pair p{[](const http::request& req, http::response& res) {
      res.header("X-Seen", std::string{req.method_text()} + " " + std::string{req.target()} + " " +
                               std::string{req.host()});
      res.text("got " + std::string{req.body()});
    }};
    REQUIRE(p.client.send({.target = "/a?b=c", .host = "h:80", .fields = "X-One: 1\r\n"}));
    REQUIRE(p.client.receive());
    CHECK(p.client.head().status == http::status::ok);
    CHECK(p.client.head().fields.find("x-seen") == "GET /a?b=c h:80");
    CHECK(p.client.all() == "got ");
    CHECK(p.client.is_reusable());

    REQUIRE(p.client.send({.method = "POST", .host = "h"}, "some body"));
    REQUIRE(p.client.receive());
    CHECK(p.client.all() == "got some body");

    const std::string large(100'000, 'x');
    REQUIRE(p.client.send({.method = "PUT", .host = "h"}, large));
    REQUIRE(p.client.receive());
    CHECK(p.client.all() == "got " + large);

    REQUIRE(p.client.send({.method = "HEAD", .host = "h"}));
    REQUIRE(p.client.receive());
    CHECK(p.client.head().fields.find("content-length") == "4");
    CHECK(p.client.all() == "");
    CHECK(p.client.is_reusable());
  });
}

TEST_CASE("bodies go in parts, of a known size or chunked, and come back in parts") {
  simulate([] {
    pair p{[](const http::request& req, http::response& res) {
      auto out = res.stream("text/plain");
      std::array<std::byte, 3> part;
      while (const auto size = req.read(part)) out.write(std::span<const std::byte>{part}.first(size));
      out.trailer("X-Length", req.content_length() ? "known" : "unknown");
    }};
    for (const std::optional<std::uint64_t> size :
         {std::optional<std::uint64_t>{10}, std::optional<std::uint64_t>{}}) {
      REQUIRE(p.client.begin({.method = "POST", .host = "h"}, size));
      REQUIRE(p.client.write("01234"));
      CHECK_FALSE(p.client.is_reusable());
      REQUIRE(p.client.write(""));
      REQUIRE(p.client.write("56789"));
      REQUIRE(p.client.finish());
      REQUIRE(p.client.receive());
      CHECK(p.client.all() == "0123456789");
      CHECK(p.client.trailers().find("x-length") == (size ? "known" : "unknown"));
      CHECK(p.client.is_reusable());
    }
  });
}

TEST_CASE("a body that only the end of the connection ends is whole, and the connection is used up") {
  simulate([] {
    scripted s{"HTTP/1.0 200 OK\r\n\r\nsome text"};
    REQUIRE(s.client.send({.host = "h"}));
    REQUIRE(s.client.receive());
    CHECK(s.client.all() == "some text");
    CHECK_FALSE(s.client.is_reusable());
    CHECK(s.asked == "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  });
}

TEST_CASE("interim responses are passed over, also before the answer to a HEAD") {
  simulate([] {
    scripted s{
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 "
        "OK\r\nContent-Length: 9\r\n\r\n",
        false};
    REQUIRE(s.client.send({.method = "HEAD", .host = "h"}));
    REQUIRE(s.client.receive());
    CHECK(s.client.head().status == http::status::ok);
    CHECK(s.client.all() == "");
    CHECK(s.client.is_reusable());
  });
}

TEST_CASE("what goes wrong is told by what can be done about it") {
  CHECK(failure_of("") == client_failure::unanswered);
  CHECK(failure_of("HTTP/1.1 200") == client_failure::lost);
  CHECK(failure_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell") == client_failure::lost);
  CHECK(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n") ==
        client_failure::lost);
  CHECK(failure_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloo\r\n") ==
        client_failure::malformed);
  CHECK(failure_of("SSH-2.0-OpenSSH_9.2\r\n") == client_failure::malformed);
  CHECK(failure_of("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + std::string(1'100'000, 'x')) ==
        client_failure::too_large);
}

TEST_CASE("a server that is silent is waited for as long as the caller likes") {
  simulate([] {
    scripted s{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", false};
    const auto start = task::now();
    REQUIRE(s.client.send({.host = "h"}));
    REQUIRE(s.client.receive(5s));
    const auto body = s.client.all();
    REQUIRE_FALSE(body);
    CHECK(body.error() == client_failure::timed_out);
    CHECK(task::now() - start == s.limits.content);
  });
  simulate([] {
    scripted s{"", false};
    const auto start = task::now();
    REQUIRE(s.client.send({.host = "h"}));
    const auto head = s.client.receive(5s);
    REQUIRE_FALSE(head);
    CHECK(head.error() == client_failure::timed_out);
    CHECK(task::now() - start == 5s);
  });
}

TEST_CASE("bytes behind a response make its connection useless: they answer nothing that was asked") {
  simulate([] {
    http::memory_connection wire;
    const http::limits limits{};
    http::client_connection client{wire.client(), limits};
    REQUIRE(client.send({.host = "h"}));
    REQUIRE(wire.server().write(
        std::string_view{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"}));
    REQUIRE(client.receive());
    CHECK(client.all() == "ok");
    CHECK_FALSE(client.is_reusable());
  });
}

TEST_CASE("after a 101 the connection speaks the other protocol, with what has come already first") {
  simulate([] {
    pair p{[](const http::request&, http::response& res) {
      res.upgrade("echo/1", [](net::byte_stream& s) {
        static_cast<void>(s.write(std::string_view{"first"}));
        std::array<std::byte, 16> buffer;
        if (const auto got = s.read(buffer); got)
          static_cast<void>(s.write(std::span<const std::byte>{buffer}.first(*got)));
      });
    }};
    REQUIRE(p.client.send({.host = "h", .upgrade = "echo/1"}));
    REQUIRE(p.client.receive());
    CHECK(p.client.head().status == http::status::switching_protocols);
    CHECK_FALSE(p.client.is_reusable());
    auto stream = p.client.upgraded();
    std::array<std::byte, 16> buffer;
    CHECK(stream.read(buffer) == 5u);
    REQUIRE(stream.write(std::string_view{"again"}));
    CHECK(stream.read(buffer) == 5u);
  });
}

TEST_CASE("nothing that cannot stand on the wire is sent") {
  simulate([] {
    scripted s{""};
    for (const http::client_request& wrong :
         {http::client_request{.method = "G T", .host = "h"},
          http::client_request{.target = "/a b", .host = "h"},
          http::client_request{.target = "/a\r\nX: y", .host = "h"},
          http::client_request{.target = "", .host = "h"}, http::client_request{.target = "/#a", .host = "h"},
          http::client_request{.host = "h\r\nX: y"}, http::client_request{.host = "h", .upgrade = "a\r\nb"}})
      CHECK_THROWS_AS(static_cast<void>(s.client.send(wrong)), std::invalid_argument);
    CHECK(s.asked.empty());
  });
}
