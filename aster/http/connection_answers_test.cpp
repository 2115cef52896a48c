// What becomes of an answer: refusals, exceptions, fields, streams.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "aster/http/failure.hpp"
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
using http::test::without_date;

TEST_CASE("a client that goes on after a refusal is left after a while") {
  simulate([] {
    conversation c{hello};
    c.ask("nonsense\r\n\r\n");
    task::sleep(3s);
    CHECK(c.ended());
  });
}

TEST_CASE("answers before a refusal still arrive") {
  simulate([] {
    conversation c{echo};
    const std::string answers = c.ask("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
    CHECK(answers.contains("GET /1 []HTTP/1.1 400 Bad Request\r\n"));
  });
}

TEST_CASE("exceptions of a handler become answers") {
  simulate([] {
    conversation c{[](const http::request& req, http::response& res) {
      res.header("X-Secret", "1");
      if (req.path() == "/missing") throw http::failure{http::status::not_found, "no such note"};
      if (req.path() == "/terse") throw http::failure{http::status::conflict};
      if (req.path() == "/bug") throw std::runtime_error("index out of range");
      if (req.path() == "/odd") throw 42;
      res.text("fine");
    }};
    const std::string missing = c.ask("GET /missing HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(missing.starts_with("HTTP/1.1 404 Not Found\r\n"));
    CHECK(missing.ends_with("\r\n\r\nno such note\n"));
    CHECK(!missing.contains("X-Secret"));
    CHECK(c.ask("GET /terse HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("\r\n\r\n409 Conflict\n"));
    const std::string bug = c.ask("GET /bug HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(bug.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(!bug.contains("index"));
    CHECK(c.ask("GET /odd HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 500"));
    CHECK(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("fine"));
    CHECK(!c.ended());
  });
}

TEST_CASE("a handler that fails in the middle of a stream breaks the connection off") {
  simulate([] {
    conversation c{[](const http::request&, http::response& res) {
      auto out = res.stream("text/plain");
      out.write("half");
      throw std::runtime_error("gone");
    }};
    c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    task::sleep(1ms);
    CHECK(c.server().is_aborted());
    CHECK(c.ended());
  });
}

TEST_CASE("responses carry what the handler gave") {
  simulate([] {
    static const std::string page(5000, 'p');
    conversation c{[](const http::request& req, http::response& res) {
      const auto path = req.path();
      if (path == "/fields")
        res.status(http::status::created).header("Location", "/7").json("{}").header("A", "b");
      if (path == "/twice") res.text("first").header("A", "b").html("second");
      if (path == "/borrowed") res.borrow("text/html", page);
      if (path == "/owned") res.text(std::string(5000, 'o'));
      if (path == "/copied") {
        std::string local(5000, 'c');
        res.text(local);
      }
      if (path == "/empty") res.status(http::status::no_content);
      if (path == "/unchanged")
        res.status(http::status::not_modified).header("ETag", "\"1\"").text("never sent");
      if (path == "/odd") res.status(static_cast<http::status>(299)).text("odd");
      if (path == "/last") res.close().text("bye");
    }};
    auto get = [&](const std::string& path) {
      return without_date(c.ask("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n"));
    };
    CHECK(get("/fields") ==
          "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nLocation: /7\r\nA: b\r\nContent-Length: "
          "2\r\n\r\n{}");
    CHECK(get("/twice") ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nA: b\r\nContent-Length: "
          "6\r\n\r\nsecond");
    CHECK(get("/borrowed").ends_with("Content-Length: 5000\r\n\r\n" + page));
    CHECK(get("/owned").ends_with("Content-Length: 5000\r\n\r\n" + std::string(5000, 'o')));
    CHECK(get("/copied").ends_with("Content-Length: 5000\r\n\r\n" + std::string(5000, 'c')));
    CHECK(get("/empty") == "HTTP/1.1 204 No Content\r\n\r\n");
    CHECK(get("/unchanged").ends_with("ETag: \"1\"\r\n\r\n"));
    CHECK(get("/odd").starts_with("HTTP/1.1 299 \r\n"));
    CHECK(get("/nothing") == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK(!c.ended());
    CHECK(get("/last").contains("Connection: close\r\n"));
    CHECK(c.ended());
  });
}

TEST_CASE("no field can break out of its line") {
  simulate([] {
    std::vector<std::string> refused;
    conversation c{[&](const http::request&, http::response& res) {
      auto attempt = [&](std::string_view name, std::string_view value) {
        try {
          res.header(name, value);
        } catch (const std::invalid_argument&) {
          refused.emplace_back(name);
        }
      };
      attempt("Location", "/\r\nSet-Cookie: a=b");
      attempt("A", "\n");
      attempt("B", "\0"s);
      attempt("C d", "e");
      attempt("", "e");
      attempt("E:", "e");
      attempt("Content-Length", "5");
      attempt("TRANSFER-ENCODING", "chunked");
      attempt("Connection", "close");
      attempt("Date", "today");
      attempt("Content-Type", "text/\rhtml");
      attempt("Fine", "\tall \xc3\xa4");
    }};
    const std::string answer = without_date(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    CHECK(refused.size() == 11);
    CHECK(answer == "HTTP/1.1 200 OK\r\nFine: \tall \xc3\xa4\r\nContent-Length: 0\r\n\r\n");
  });
}

TEST_CASE("streamed responses: chunked, of known size, for old clients, with trailers") {
  simulate([] {
    conversation c{[](const http::request& req, http::response& res) {
      if (req.path() == "/chunks") {
        auto out = res.header("A", "b").stream("text/plain");
        out.write("one");
        out.write("");
        out.write(std::string(100, '2'));
        out.trailer("T", "t");
      } else if (req.path() == "/size") {
        auto out = res.stream("text/plain", 6);
        out.write("abc");
        out.write("def");
      } else if (req.path() == "/short") {
        auto out = res.stream("text/plain", 6);
        out.write("abc");
      } else if (req.path() == "/long") {
        auto out = res.stream("text/plain", 2);
        out.write("abc");
      }
    }};
    CHECK(without_date(c.ask("GET /chunks HTTP/1.1\r\nHost: h\r\n\r\n")) ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nA: b\r\nTransfer-Encoding: "
          "chunked\r\n\r\n3\r\none\r\n64\r\n" +
              std::string(100, '2') + "\r\n0\r\nT: t\r\n\r\n");
    CHECK(c.ask("GET /size HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("Content-Length: 6\r\n\r\nabcdef"));
    CHECK(!c.ended());
    c.ask("GET /short HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(c.server().is_aborted());

    conversation l{
        [](const http::request&, http::response& res) { res.stream("text/plain", 2).write("abc"); }};
    l.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(l.server().is_aborted());

    conversation old{
        [](const http::request&, http::response& res) { res.stream("text/plain").write("abc"); }};
    const std::string answer = without_date(old.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    CHECK(answer == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nabc");
    CHECK(old.ended());
  });
}

TEST_CASE("a part is on its way before the next is made") {
  simulate([] {
    conversation c{[](const http::request&, http::response& res) {
      auto out = res.stream("text/event-stream");
      for (int i = 0; i < 3; ++i) {
        out.write("tick\n");
        task::sleep(1s);
      }
    }};
    c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(c.receive().ends_with("\r\n\r\n5\r\ntick\n\r\n"));
    task::sleep(1s);
    CHECK(c.receive() == "5\r\ntick\n\r\n");
  });
}
