#include "aster/http/response_parser.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace http = aster::http;
using http::progress;

namespace {

std::string show(const http::response_head& head) {
  std::string text = std::to_string(http::code(head.status)) + " 1." + std::to_string(head.minor_version) +
                     " '" + std::string{head.reason} + "'";
  switch (head.framing) {
    case http::framing::none: text += " none"; break;
    case http::framing::length: text += " length=" + std::to_string(head.content_length); break;
    case http::framing::chunked: text += " chunked"; break;
    case http::framing::until_close: text += " rest"; break;
  }
  if (!head.keep_alive) text += " close";
  for (auto [name, value] : head.fields) text += " " + std::string{name} + "[" + std::string{value} + "]";
  return text;
}

/// What a parser makes of it when it comes in parts that end at `cuts`, each in a fresh copy of exactly that
/// size.
std::string parse(const std::string& response, const std::vector<std::size_t>& cuts, bool to_head) {
  const http::limits limits{};
  http::response_parser parser{limits};
  parser.reset(to_head);
  std::unique_ptr<char[]> bytes;
  for (const std::size_t cut : cuts) {
    bytes = std::make_unique<char[]>(cut);
    std::memcpy(bytes.get(), response.data(), cut);
    switch (parser.parse({bytes.get(), cut})) {
      case progress::complete: return show(parser.head()) + " @" + std::to_string(parser.size());
      case progress::failed: return "refused";
      case progress::incomplete: break;
    }
  }
  return "incomplete";
}

/// The verdict, which is the same however the bytes came.
std::string parsed(const std::string& response, bool to_head = false) {
  const std::string whole = parse(response, {response.size()}, to_head);
  std::vector<std::size_t> every_byte;
  for (std::size_t cut = 0; cut <= response.size(); ++cut) every_byte.push_back(cut);
  REQUIRE(parse(response, every_byte, to_head) == whole);
  for (std::size_t cut = 1; cut < response.size(); ++cut)
    REQUIRE(parse(response, {cut, response.size()}, to_head) == whole);
  return whole;
}

}  // namespace

TEST_CASE("responses that are right are understood, however they are split") {
  CHECK(parsed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello") ==
        "200 1.1 'OK' length=5 Content-Length[5] @38");
  CHECK(parsed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        "200 1.1 'OK' chunked Transfer-Encoding[chunked] @47");
  CHECK(parsed("HTTP/1.1 404 \r\n\r\n") == "404 1.1 '' rest close @17");
  CHECK(parsed("HTTP/1.1 404\r\n\r\n") == "404 1.1 '' rest close @16");
  CHECK(parsed("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n") ==
        "200 1.0 'OK' length=0 close Content-Length[0] @38");
  CHECK(parsed("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")
            .contains("length=0 Content"));
  CHECK(parsed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").contains("close"));
  CHECK(parsed("HTTP/1.1 599 So it is\r\nContent-Length: 0\r\n\r\n").starts_with("599 1.1 'So it is'"));
  CHECK(parsed("HTTP/1.9 200 OK\r\nContent-Length: 0\r\n\r\n").starts_with("200 1.1"));
}

TEST_CASE("what has no body has none, whatever its fields say") {
  CHECK(
      parsed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true).starts_with("200 1.1 'OK' none Content"));
  CHECK(parsed("HTTP/1.1 204 No Content\r\n\r\n") == "204 1.1 'No Content' none @27");
  CHECK(parsed("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").contains(" none "));
  CHECK(parsed("HTTP/1.1 100 Continue\r\n\r\n") == "100 1.1 'Continue' none @25");
  CHECK(parsed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: w\r\n\r\n").contains(" none "));
}

TEST_CASE("responses that are wrong are refused, however they are split") {
  for (const char* wrong : {
           "HTTP/2.0 200 OK\r\n\r\n",
           "HTTP/1.1 20 OK\r\n\r\n",
           "HTTP/1.1 2000 OK\r\n\r\n",
           "HTTP/1.1 099 OK\r\n\r\n",
           "HTTP/1.1 600 OK\r\n\r\n",
           "HTTP/1.1  200 OK\r\n\r\n",
           "http/1.1 200 OK\r\n\r\n",
           "HTTP/1.1 200 OK\n\n",
           "HTTP/1.1 200 O\rK\r\n\r\n",
           "\r\nHTTP/1.1 200 OK\r\n\r\n",
           "SSH-2.0-OpenSSH_9.2\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
           "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\n folded\r\n\r\n",
           "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
       }) {
    CAPTURE(wrong);
    CHECK(parsed(wrong) == "refused");
  }
}

TEST_CASE("a response that is cut short anywhere is a beginning, never an error") {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size)
    REQUIRE(parse(whole.substr(0, size), {size}, false) == "incomplete");
}

TEST_CASE("a head longer than the limit is refused as soon as that is sure") {
  const http::limits limits{};
  CHECK(parsed("HTTP/1.1 200 OK\r\nA: " + std::string(100, 'x')) == "incomplete");
  http::response_parser parser{limits};
  CHECK(parser.parse("HTTP/1.1 200 OK\r\nA: " + std::string(limits.head, 'x')) == progress::failed);
}
