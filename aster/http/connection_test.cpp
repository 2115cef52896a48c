#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "aster/http/failure.hpp"
#include "aster/http/test/conversation.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/deadline.hpp"
#include "aster/task/scope.hpp"
#include "aster/task/simulation.hpp"

namespace http = aster::http;
namespace task = aster::task;
using namespace std::chrono_literals;
using namespace std::string_literals;
using http::test::conversation;
using http::test::simulate;

namespace {

std::string without_date(std::string text) {
  for (std::size_t at; (at = text.find("Date: ")) != std::string::npos;) text.erase(at, 37);
  return text;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++n;
  return n;
}

void hello(const http::request&, http::response& res) { res.text("Hello\n"); }

/// Answers with what it understood.
void echo(const http::request& req, http::response& res) {
  std::string text{req.method_text()};
  text.append(" ").append(req.target()).append(" [").append(req.body()).append("]");
  for (auto [name, value] : req.trailers()) text.append(" ").append(name).append("=").append(value);
  res.text(std::move(text));
}

}  // namespace

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
