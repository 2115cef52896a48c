#include "aster/http/range.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "aster/http/test/fields.hpp"

namespace http = aster::http;
using http::byte_range;
using enum http::range_outcome;

namespace {

std::vector<byte_range> parts_of(const http::selected_ranges& r) {
  return {r.parts().begin(), r.parts().end()};
}

}  // namespace

TEST_CASE("ranges of 100 bytes (RFC 9110 14.1.2)") {
  struct {
    std::string_view value;
    http::range_outcome outcome;
    std::vector<byte_range> parts;
  } const rows[] = {
      {"bytes=0-0", partial, {{0, 1}}},
      {"bytes=0-99", partial, {{0, 100}}},
      {"bytes=10-19", partial, {{10, 10}}},
      {"bytes=99-", partial, {{99, 1}}},
      {"bytes=90-1000", partial, {{90, 10}}},
      {"bytes=-1", partial, {{99, 1}}},
      {"bytes=-100", partial, {{0, 100}}},
      {"bytes=-5000", partial, {{0, 100}}},
      {"BYTES=0-9", partial, {{0, 10}}},  // units are case-insensitive (RFC 9110 14.1)
      {"bytes=0-0,99-99", partial, {{0, 1}, {99, 1}}},
      {"bytes=50-59, 0-9", partial, {{50, 10}, {0, 10}}},  // in the order asked for
      {"bytes=,0-9,,20-29,", partial, {{0, 10}, {20, 10}}},
      {"bytes=0-9,10-19", partial, {{0, 10}, {10, 10}}},
      {"bytes=0-9,200-300", partial, {{0, 10}}},
      {"bytes=0-99999999999999999999999999", partial, {{0, 100}}},
      {"bytes=00-09", partial, {{0, 10}}},
      {"bytes=100-", unsatisfiable, {}},
      {"bytes=100-200,300-", unsatisfiable, {}},
      {"bytes=-0", unsatisfiable, {}},
      {"bytes=99999999999999999999999999-", unsatisfiable, {}},
      {"", whole, {}},
      {"bytes", whole, {}},
      {"bytes=", whole, {}},
      {"bytes=,", whole, {}},
      {"bytes=-", whole, {}},
      {"bytes=a-b", whole, {}},
      {"bytes=0-9x", whole, {}},
      {"bytes=0x0-9", whole, {}},
      {"bytes=9-0", whole, {}},
      {"bytes=0-9,9-0", whole, {}},
      {"bytes=--1", whole, {}},
      {"bytes=+1-2", whole, {}},
      {"bytes=1", whole, {}},
      {"bytes=0 - 9", whole, {}},
      {"bytes =0-9", whole, {}},
      {"lines=0-9", whole, {}},
      {"none", whole, {}},
      // more than it is worth
      {"bytes=0-9,5-14", whole, {}},
      {"bytes=0-,0-,0-,0-", whole, {}},
      {"bytes=0-0,-100", whole, {}},
      {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,30-30,32-32",
       whole,
       {}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.value);
    const auto got = http::select_ranges(row.value, 100);
    CHECK(got.outcome == row.outcome);
    CHECK(parts_of(got) == row.parts);
  }
}

TEST_CASE("nothing has no ranges") {
  CHECK(http::select_ranges("bytes=0-", 0).outcome == unsatisfiable);
  CHECK(http::select_ranges("bytes=-1", 0).outcome == whole);  // its last byte at most: all of it
  CHECK(http::select_ranges("bytes=-0", 0).outcome == unsatisfiable);
}

TEST_CASE("the largest representation has a last byte") {
  constexpr std::uint64_t size = ~std::uint64_t{0};
  CHECK(parts_of(http::select_ranges("bytes=-1", size)) == std::vector<byte_range>{{size - 1, 1}});
  CHECK(parts_of(http::select_ranges("bytes=0-", size)) == std::vector<byte_range>{{0, size}});
}

TEST_CASE("two Range lines are as none") {
  CHECK(http::select_ranges(http::test::fields{"Range: bytes=0-1\r\n"}.list(), 10).outcome == partial);
  CHECK(http::select_ranges(http::test::fields{"Range: bytes=0-1\r\nRange: bytes=2-3\r\n"}.list(), 10)
            .outcome == whole);
  CHECK(http::select_ranges(http::test::fields{""}.list(), 10).outcome == whole);
}

TEST_CASE("Content-Range names a part, or the size alone (RFC 9110 14.4)") {
  CHECK(http::content_range({42, 10}, 1234) == "bytes 42-51/1234");
  CHECK(http::content_range({0, 1}, 1) == "bytes 0-0/1");
  CHECK(http::content_range_unsatisfied(47022) == "bytes */47022");
}

TEST_CASE("several parts make one body, of the size that was announced (RFC 9110 14.6)") {
  const std::string content = "0123456789";
  const byte_range parts[] = {{0, 2}, {8, 2}};
  const http::multipart_ranges body{parts, content.size(), "text/plain", "SEP"};
  CHECK(body.media_type() == "multipart/byteranges; boundary=SEP");
  std::string text;
  for (std::size_t i = 0; i < std::size(parts); ++i)
    text += body.separator(i) + content.substr(parts[i].first, parts[i].size);
  text += body.separator(std::size(parts));
  CHECK(text ==
        "--SEP\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n"
        "--SEP\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n--SEP--\r\n");
  CHECK(text.size() == body.body_size());
}
