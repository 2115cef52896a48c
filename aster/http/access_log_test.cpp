#include "aster/http/access_log.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "aster/http/failure.hpp"
#include "aster/http/test/conversation.hpp"

namespace http = aster::http;
namespace net = aster::net;
namespace task = aster::task;
using namespace std::chrono_literals;
using http::test::conversation;
using http::test::simulate;

namespace {

const http::access_record sample{.remote = {net::ipv4_address{10, 0, 0, 1}, 4711},
                                 .time = 784'111'777'042'000'000,
                                 .duration = 1234567ns,
                                 .method = "GET",
                                 .target = "/a?b=\"c\"",
                                 .minor_version = 1,
                                 .status = 200,
                                 .bytes = 6,
                                 .is_whole = true,
                                 .referer = "https://example.org/",
                                 .user_agent = "a \"b\\\x1b[2J\xff",
                                 .request_id = "r7"};

/// What is remembered of a record when its views are gone.
struct kept {
  std::string method, target, referer, user_agent, request_id;
  int status, minor_version;
  std::uint64_t bytes;
  bool is_whole;
  std::chrono::nanoseconds duration;
};

struct journal {
  std::vector<kept> records;
  http::options options{.access_log = [this](const http::access_record& r) {
    records.push_back({std::string{r.method}, std::string{r.target}, std::string{r.referer},
                       std::string{r.user_agent}, std::string{r.request_id}, r.status, r.minor_version,
                       r.bytes, r.is_whole, r.duration});
  }};
};

void handle(const http::request& req, http::response& res) {
  if (req.path() == "/slow") task::sleep(5ms);
  if (req.path() == "/none") throw http::failure{http::status::not_found};
  if (req.path() == "/stream" || req.path() == "/broken") {
    auto out = res.stream("text/plain");
    out.write(std::string_view{"abc"});
    out.write(std::string_view{"de"});
    if (req.path() == "/broken") throw std::runtime_error("in the middle");
    return;
  }
  if (req.path() == "/upgrade") {
    res.upgrade("echo", [](net::byte_stream&) {});
    return;
  }
  res.header("x-request-ID", "r1").text("Hello\n");
}

}  // namespace

TEST_CASE("a record as a line of the common and the combined format") {
  CHECK(http::to_common_line(sample) ==
        R"(10.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET /a?b=\"c\" HTTP/1.1" 200 6)");
  CHECK(
      http::to_combined_line(sample) ==
      R"(10.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "GET /a?b=\"c\" HTTP/1.1" 200 6 "https://example.org/" "a \"b\\\x1b[2J\xff")");
  CHECK(
      http::to_combined_line({.status = 400}).ends_with(R"([01/Jan/1970:00:00:00 +0000] "-" 400 0 "-" "-")"));
}

TEST_CASE("a record as JSON") {
  CHECK(
      http::to_json_line(sample) ==
      R"({"time":"1994-11-06T08:49:37.042Z","remote":"10.0.0.1","method":"GET","target":"/a?b=\"c\"","protocol":"HTTP/1.1","status":200,"bytes":6,"duration":1234,"whole":true,"referer":"https://example.org/","user_agent":"a \"b\\\u001b[2J\u00ff","request_id":"r7"})");
  CHECK(http::to_json_line({.time = -1, .status = 400}).starts_with(R"({"time":"1969-12-31T23:59:59.999Z")"));
}

TEST_CASE("no byte of a request breaks a line or leaves its quotes") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(3, static_cast<char>(byte));
    const http::access_record r{
        .method = "GET", .target = text, .status = 200, .referer = text, .user_agent = text};
    for (const std::string& line : {http::to_combined_line(r), http::to_json_line(r)}) {
      for (const char c : line) CHECK((c >= ' ' && c < 0x7f));
      int quotes = 0;
      for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\')
          ++i;
        else if (line[i] == '"')
          ++quotes;
      }
      CHECK(quotes % 2 == 0);
    }
  }
}

TEST_CASE("each request that was answered is told once, in order") {
  simulate([] {
    journal j;
    conversation c{handle, j.options};
    c.ask(
        "GET /?1 HTTP/1.1\r\nHost: h\r\nReferer: r\r\nUser-Agent: u\r\n\r\n"
        "HEAD /?2 HTTP/1.1\r\nHost: h\r\n\r\nGET /none HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        "GET /stream HTTP/1.1\r\nHost: h\r\n\r\nGET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(j.records.size() == 5);
    CHECK(j.records[0].method == "GET");
    CHECK(j.records[0].target == "/?1");
    CHECK(j.records[0].referer == "r");
    CHECK(j.records[0].user_agent == "u");
    CHECK(j.records[0].request_id == "r1");
    CHECK(j.records[0].status == 200);
    CHECK(j.records[0].bytes == 6);
    CHECK(j.records[0].duration < 1ms);
    CHECK(j.records[1].method == "HEAD");
    CHECK(j.records[1].bytes == 0);
    CHECK(j.records[2].status == 404);
    CHECK(j.records[2].minor_version == 0);
    CHECK(j.records[2].request_id.empty());
    CHECK(j.records[3].bytes == 5);
    CHECK(j.records[3].is_whole);
    CHECK(j.records[4].duration >= 5ms);
  });
}

TEST_CASE("what could not be read, what broke off and what was upgraded is told too") {
  simulate([] {
    journal j;
    conversation bad{handle, j.options};
    bad.ask("nonsense\r\n\r\n");
    conversation broken{handle, j.options};
    broken.ask("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
    conversation other{handle, j.options};
    other.ask("GET /upgrade HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(j.records.size() == 3);
    CHECK(j.records[0].status == 400);
    CHECK(j.records[0].method.empty());
    CHECK(j.records[1].status == 200);
    CHECK(j.records[1].bytes == 5);
    CHECK(!j.records[1].is_whole);
    CHECK(j.records[2].status == 101);
    CHECK(j.records[2].is_whole);
  });
}

TEST_CASE("a log that fails does not keep anybody from being answered") {
  simulate([] {
    http::options options;
    options.access_log = [](const http::access_record&) { throw std::runtime_error("the disk is full"); };
    conversation c{handle, options};
    CHECK(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("Hello\n"));
    CHECK(c.ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("Hello\n"));
  });
}
