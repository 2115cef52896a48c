#include "aster/http/body_decoder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace http = aster::http;
using http::progress;
using namespace std::string_literals;

namespace {

struct outcome {
  progress result = progress::incomplete;
  int code = 0;
  std::string content;
  std::string trailers;
  std::size_t consumed = 0;

  bool operator==(const outcome&) const = default;
};

http::request_head chunked() {
  http::request_head head;
  head.framing = http::framing::chunked;
  return head;
}

http::request_head of_length(std::uint64_t length) {
  http::request_head head;
  head.framing = http::framing::length;
  head.content_length = length;
  return head;
}

/// Feeds `input` in parts of which each ends at a cut, keeping what was not consumed.
outcome decode(const http::request_head& head, const std::string& input, const std::vector<std::size_t>& cuts,
               const http::limits& limits = {}) {
  http::body_decoder decoder{limits};
  decoder.begin(head);
  outcome o;
  for (std::size_t cut : cuts) {
    for (;;) {
      const std::string window =
          input.substr(o.consumed, cut - o.consumed);  // a copy: views must not outlive
      const auto step = decoder.decode(window);
      o.consumed += step.consumed;
      o.content += step.content;
      o.result = step.result;
      if (step.result == progress::complete)
        for (auto [name, value] : decoder.trailers())
          o.trailers += std::string{name} + "[" + std::string{value} + "]";
      if (step.result != progress::incomplete || step.consumed == 0) break;
    }
    if (o.result != progress::incomplete) break;
  }
  if (o.result == progress::failed) {
    o.code = http::code(decoder.failure());
    o.content.clear();  // how much came before the error, and
    o.consumed = 0;     // where it was noticed, is nobody's business
  }
  return o;
}

outcome decode_every_way(const http::request_head& head, const std::string& input,
                         const http::limits& limits = {}) {
  const outcome whole = decode(head, input, {input.size()}, limits);
  std::vector<std::size_t> every_byte;
  for (std::size_t cut = 0; cut <= input.size(); ++cut) every_byte.push_back(cut);
  REQUIRE(decode(head, input, every_byte, limits) == whole);
  for (std::size_t cut = 1; cut < input.size(); ++cut)
    REQUIRE(decode(head, input, {cut, input.size()}, limits) == whole);
  return whole;
}

struct accepted_case {
  const char* what;
  std::string body;
  std::string content;
  std::string trailers;
};

const accepted_case accepted[] = {
    {"nothing", "0\r\n\r\n", "", ""},
    {"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"two chunks", "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n", "hello, world", ""},
    {"a size in hexadecimal, upper case", "1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
     "abcdefghijklmnopqrstuvwxyz", ""},
    {"a size in hexadecimal, lower case", "1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
     "abcdefghijklmnopqrstuvwxyz", ""},
    {"zeros in front", "0005\r\nhello\r\n000\r\n\r\n", "hello", ""},
    {"content that looks like framing", "7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n\r\n", ""},
    {"content of any bytes", "4\r\n\0\r\n\xff\r\n0\r\n\r\n"s, "\0\r\n\xff"s, ""},
    {"an extension", "5;a=b\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"an extension without a value", "5;a\r\nhello\r\n0;b\r\n\r\n", "hello", ""},
    {"blanks around an extension", "5 ; a = b\r\nhello\r\n0\t;\tb\r\n\r\n", "hello", ""},
    {"a quoted extension", "5;a=\"b;c,d\"\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"two extensions", "5;a=b;c=d\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"a trailer", "0\r\nDigest: x\r\n\r\n", "", "Digest[x]"},
    {"two trailers", "1\r\na\r\n0\r\nA: 1\r\nB:2\r\n\r\n", "a", "A[1]B[2]"},
    {"a trailer that means nothing here", "0\r\nContent-Length: 5\r\n\r\n", "", "Content-Length[5]"},
    {"the next request behind it", "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "a", ""},
};

struct refused_case {
  const char* what;
  std::string body;
  int code = 400;
};

const refused_case refused[] = {
    {"no size", "\r\nhello"},
    {"a size that is no number", "xyz\r\n"},
    {"a prefix", "0x5\r\nhello\r\n0\r\n\r\n"},
    {"a sign", "+5\r\nhello\r\n0\r\n\r\n"},
    {"a negative size", "-5\r\nhello\r\n0\r\n\r\n"},
    {"a blank before the size", " 5\r\nhello\r\n0\r\n\r\n"},
    {"a blank behind the size", "5 \r\nhello\r\n0\r\n\r\n"},
    {"a blank in the size", "5 5\r\nhello\r\n0\r\n\r\n"},
    {"a size of 2^64 + 5", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
    {"a size of 2^60", "1000000000000000\r\n"},
    {"endless zeros", "0000000000000005\r\nhello\r\n0\r\n\r\n"},
    {"LF behind the size", "5\nhello\r\n0\r\n\r\n"},
    {"CR alone behind the size", "5\rhello\r\n0\r\n\r\n"},
    {"CR CR LF behind the size", "5\r\r\nhello\r\n0\r\n\r\n"},
    {"a chunk that is longer than it says", "5\r\nhello!\r\n0\r\n\r\n"},
    {"a chunk that is shorter than it says", "7\r\nhello\r\n0\r\n\r\n"},
    {"LF behind a chunk", "5\r\nhello\n0\r\n\r\n"},
    {"CR alone behind a chunk", "5\r\nhello\r0\r\n\r\n"},
    {"nothing behind a chunk", "5\r\nhello0\r\n\r\n"},
    {"an extension without a name", "5;\r\nhello\r\n0\r\n\r\n"},
    {"an extension that begins with =", "5;=b\r\nhello\r\n0\r\n\r\n"},
    {"a bare LF in an extension", "2;\nxx\r\n0\r\n\r\n"},
    {"a bare LF in the value of an extension", "2;a=b\nxx\r\n0\r\n\r\n"},
    {"a bare CR in an extension", "2;a\rb\r\nxx\r\n0\r\n\r\n"},
    {"a NUL in an extension", "2;a\0b\r\nxx\r\n0\r\n\r\n"s},
    {"a LF that ends the last size", "0\n\r\n"},
    {"a LF that ends the body", "0\r\n\n"},
    {"a bare CR at the end", "0\r\n\rX"},
    {"a blank before a trailer", "0\r\n A: b\r\n\r\n"},
    {"a blank before a trailer's colon", "0\r\nA : b\r\n\r\n"},
    {"a folded trailer", "0\r\nA: b\r\n c\r\n\r\n"},
    {"a control in a trailer", "0\r\nA: \x01\r\n\r\n"},
    {"another request instead of the end", "0\r\nGET / HTTP/1.1\r\n\r\n"},
};

}  // namespace

TEST_CASE("chunked bodies that are right are decoded, however they are split") {
  for (const accepted_case& c : accepted) {
    CAPTURE(c.what);
    const outcome o = decode_every_way(chunked(), c.body);
    CHECK(o.result == progress::complete);
    CHECK(o.content == c.content);
    CHECK(o.trailers == c.trailers);
    const std::size_t next = c.body.find("GET ");
    CHECK(o.consumed == std::min(next, c.body.size()));
  }
}

TEST_CASE("chunked bodies that are wrong are refused, however they are split") {
  for (const refused_case& c : refused) {
    CAPTURE(c.what);
    const outcome o = decode_every_way(chunked(), c.body);
    CHECK(o.result == progress::failed);
    CHECK(o.code == c.code);
  }
}

TEST_CASE("a chunked body that is cut short anywhere is not finished") {
  for (const accepted_case& c : accepted) {
    CAPTURE(c.what);
    const std::size_t size = decode(chunked(), c.body, {c.body.size()}).consumed;
    for (std::size_t cut = 0; cut < size; ++cut)
      REQUIRE(decode(chunked(), c.body, {cut}).result == progress::incomplete);
  }
}

TEST_CASE("a body of known length ends there") {
  CHECK(decode_every_way(of_length(5), "helloGET /").content == "hello");
  CHECK(decode_every_way(of_length(5), "helloGET /").consumed == 5);
  CHECK(decode_every_way(of_length(5), "hell").result == progress::incomplete);
  CHECK(decode_every_way(of_length(0), "x").result == progress::complete);
  CHECK(decode_every_way({}, "x").consumed == 0);
}

TEST_CASE("what comes without framing between may be read past the decoder") {
  http::limits limits;
  http::body_decoder decoder{limits};
  decoder.begin(chunked());
  CHECK(decoder.contiguous() == 0);
  auto step = decoder.decode("a\r\nhe");
  CHECK(step.content == "he");
  CHECK(decoder.contiguous() == 8);
  decoder.skip(8);
  CHECK(decoder.contiguous() == 0);
  CHECK(decoder.decode("\r\n0\r\n\r\n").result == progress::complete);

  decoder.begin(of_length(1'000'000'000'000));
  CHECK(decoder.contiguous() == 1'000'000'000'000);
  decoder.skip(1'000'000'000'000);
  CHECK(decoder.finished());
}

TEST_CASE("limits of chunked bodies hold to the byte") {
  http::limits limits;
  limits.chunk_extensions = 8;
  limits.trailer = 16;
  limits.fields = 2;
  const std::string rest = "\r\n0\r\n\r\n";
  CHECK(decode_every_way(chunked(), "1;1234567\r\na" + rest, limits).result == progress::complete);
  CHECK(decode_every_way(chunked(), "1;12345678\r\na" + rest, limits).code == 400);
  CHECK(decode_every_way(chunked(), "1;123\r\na\r\n1;123\r\nb" + rest, limits).content == "ab");
  CHECK(decode_every_way(chunked(), "1;123\r\na\r\n1;1234\r\nb" + rest, limits).code == 400);
  CHECK(decode_every_way(chunked(), "0\r\nA: 1\r\nB: 2\r\n\r\n", {limits}).trailers == "A[1]B[2]");
  CHECK(decode_every_way(chunked(), "0\r\nA:\r\nB:\r\nC:\r\n\r\n", limits).code == 431);
  CHECK(decode_every_way(chunked(), "0\r\nA: 123456789012\r\n\r\n", limits).code == 431);
}

TEST_CASE("many small chunks use up no limit") {
  std::string body;
  for (int i = 0; i < 5000; ++i) body += "1\r\nx\r\n";
  const outcome o = decode(chunked(), body + "0\r\n\r\n", {body.size() + 5});
  CHECK(o.result == progress::complete);
  CHECK(o.content == std::string(5000, 'x'));
}
