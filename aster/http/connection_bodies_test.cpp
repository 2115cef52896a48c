// Bodies of requests: in every framing and size, unread, refused and broken.
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
using http::test::count;
using http::test::echo;
using http::test::hello;
using http::test::simulate;
using http::test::without_date;

TEST_CASE("a client that waits for 100 Continue gets it when the handler wants the body") {
  simulate([] {
    conversation c{echo};
    CHECK(c.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n") ==
          "HTTP/1.1 100 Continue\r\n\r\n");
    const std::string answer = c.ask("hello");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.ends_with("POST / [hello]"));
    CHECK(!c.ended());

    // One that did not wait gets none.
    CHECK(c.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello")
              .starts_with("HTTP/1.1 200 OK\r\n"));
  });
}

TEST_CASE("a client that waits for 100 Continue in vain is answered and left") {
  simulate([] {
    conversation c{hello};
    const std::string answer =
        c.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.contains("Connection: close\r\n"));  // whether the body follows now, nobody knows
  });
}

TEST_CASE("a body that nobody read is skipped") {
  simulate([] {
    conversation c{hello};
    CHECK(
        c.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: h\r\n\r\n")
            .ends_with("Hello\n"));
    CHECK(
        count(c.ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
                    "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
              "Hello\n") == 2);
    CHECK(!c.ended());
    // But not a long one: the connection ends, after the client could read the answer.
    c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    const std::string answer = c.receive();
    CHECK(answer.contains("Connection: close\r\n"));
    c.finish();
    task::sleep(1ms);
    CHECK(c.ended());
  });
}

TEST_CASE("a long chunked body that nobody read ends the connection") {
  simulate([] {
    conversation c{hello};
    c.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(c.receive().ends_with("Hello\n"));
    for (int i = 0; i < 20 && !c.server().is_shut(); ++i)
      c.send("1000\r\n" + std::string(0x1000, 'x') + "\r\n");
    c.receive();
    CHECK(c.server().is_shut());
  });
}

TEST_CASE("bodies are read in parts, whatever their framing") {
  simulate([] {
    conversation c{[](const http::request& req, http::response& res) {
      std::array<std::byte, 7> part;
      std::string all;
      int parts = 0;
      while (const std::size_t n = req.read(part)) {
        all.append(reinterpret_cast<const char*>(part.data()), n);
        ++parts;
      }
      res.text(std::to_string(parts) + " " + all);
    }};
    CHECK(c.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\nabcdefghijklmnopqrst")
              .ends_with("3 abcdefghijklmnopqrst"));
    CHECK(c.ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                "chunked\r\n\r\n3\r\nabc\r\n8\r\ndefghijk\r\n0\r\n\r\n")
              .ends_with("3 abcdefghijk"));
    CHECK(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("0 "));
  });
}

TEST_CASE("a large body comes whole, and the head stays readable meanwhile") {
  const std::string body(300'000, 'b');
  for (bool chunked : {false, true}) {
    CAPTURE(chunked);
    simulate([&] {
      conversation c{[&](const http::request& req, http::response& res) {
        const std::string_view before = req.path();
        const std::string_view got = req.body();
        res.text(got == body && before == "/path" && req.path() == "/path" && req.header("x") == "y" &&
                         req.body().data() == got.data()
                     ? "same"
                     : "different");
      }};
      std::string request = "POST /path HTTP/1.1\r\nHost: h\r\nX: y\r\n";
      if (chunked) {
        request += "Transfer-Encoding: chunked\r\n\r\n";
        for (std::size_t at = 0; at < body.size(); at += 1000)
          request += "3e8\r\n" + body.substr(at, 1000) + "\r\n";
        request += "0\r\n\r\n";
      } else {
        request += "Content-Length: 300000\r\n\r\n" + body;
      }
      for (int i = 0; i < 2; ++i) CHECK(c.ask(request).ends_with("same"));
    });
  }
}

TEST_CASE("a body by pieces of every size") {
  const std::string body = "0123456789abcdefghij";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    CAPTURE(piece);
    simulate([&] {
      conversation c{echo};
      c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n");
      for (std::size_t at = 0; at < body.size(); at += piece) {
        c.send(std::string_view{body}.substr(at, piece));
        task::sleep(1ms);
      }
      CHECK(c.receive().ends_with("POST / [" + body + "]"));
    });
  }
}

TEST_CASE("a body above the limit is refused before it is read") {
  simulate([] {
    http::options options;
    options.limits.body = 10;
    conversation c{echo, options};
    CHECK(c.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789")
              .ends_with("[0123456789]"));
    CHECK(c.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n")
              .starts_with("HTTP/1.1 413 Content Too Large\r\n"));
    CHECK(c.server().is_shut());
  });
  simulate([] {
    http::options options;
    options.limits.body = 10;
    conversation c{echo, options};
    CHECK(c.ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                "chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n")
              .starts_with("HTTP/1.1 413 Content Too Large\r\n"));
  });
  simulate([] {  // …unless the handler lets it in
    http::options options;
    options.limits.body = 10;
    conversation c{[](const http::request& req, http::response& res) {
                     req.allow_body(11);
                     res.text(req.body());
                   },
                   options};
    CHECK(c.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n0123456789a")
              .ends_with("0123456789a"));
  });
}

TEST_CASE("a broken body is answered with 400") {
  simulate([] {
    conversation c{echo};
    const std::string answer =
        c.ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
    CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    CHECK(answer.contains("Connection: close\r\n"));
    CHECK(c.server().is_shut());
  });
}

TEST_CASE("a request that cannot be read is answered and the rest is not looked at") {
  simulate([] {
    conversation c{hello};
    const std::string answer =
        without_date(c.ask("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"
                           "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"));
    CHECK(answer ==
          "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 16\r\n"
          "Connection: close\r\n\r\n400 Bad Request\n");
    CHECK(c.server().is_shut());
    CHECK(!c.ended());  // it lingers, so that no reset overtakes the answer
    c.finish();
    task::sleep(1ms);
    CHECK(c.ended());
  });
}
