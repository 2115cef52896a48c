#include "aster/http/accept.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string_view>
#include <vector>

#include "aster/http/test/fields.hpp"

namespace http = aster::http;
using enum http::content_coding;

TEST_CASE("weights are 0 to 1 with three digits at most (RFC 9110 12.4.2)") {
  struct {
    std::string_view text;
    std::optional<unsigned> weight;
  } const rows[] = {
      {"1", 1000},  {"0", 0},       {"1.000", 1000}, {"0.5", 500}, {"0.05", 50},  {"0.005", 5},   {"0.", 0},
      {"1.", 1000}, {"0.999", 999}, {"", {}},        {"2", {}},    {"1.001", {}}, {"0.1234", {}}, {".5", {}},
      {"-1", {}},   {"0,5", {}},    {"00.5", {}},    {"0.5x", {}}, {"1e0", {}},   {"10", {}},
  };
  for (const auto& [text, weight] : rows) {
    CAPTURE(text);
    CHECK(http::parse_weight(text) == weight);
  }
}

TEST_CASE("the coding that the client likes best, of those that are there") {
  struct {
    std::string_view lines;
    bool gzip, brotli;
    http::content_coding chosen;
  } const rows[] = {
      {"", true, true, identity},
      {"Accept-Encoding:\r\n", true, true, identity},
      {"Accept-Encoding: gzip\r\n", true, true, gzip},
      {"Accept-Encoding: GZIP\r\n", true, true, gzip},
      {"Accept-Encoding: x-gzip\r\n", true, true, gzip},
      {"Accept-Encoding: gzip, deflate, br\r\n", true, true, brotli},
      {"Accept-Encoding: gzip, deflate, br\r\n", true, false, gzip},
      {"Accept-Encoding: gzip, deflate, br\r\n", false, false, identity},
      {"Accept-Encoding: gzip, deflate, br, zstd\r\n", true, true, brotli},  // what browsers send
      {"Accept-Encoding: gzip\r\nAccept-Encoding: br\r\n", true, true, brotli},
      {"Accept-Encoding: br;q=0.5, gzip;q=0.8\r\n", true, true, gzip},
      {"Accept-Encoding: br;q=0.5 , gzip ; q=0.5\r\n", true, true, brotli},
      {"Accept-Encoding: gzip;q=0\r\n", true, true, identity},
      {"Accept-Encoding: gzip;q=0, br\r\n", true, false, identity},
      {"Accept-Encoding: gzip;q=0.001\r\n", true, true, gzip},
      {"Accept-Encoding: gzip;Q=0\r\n", true, true, identity},
      {"Accept-Encoding: *\r\n", true, true, brotli},
      {"Accept-Encoding: *;q=0\r\n", true, true, identity},
      {"Accept-Encoding: *, br;q=0\r\n", true, true, gzip},
      {"Accept-Encoding: gzip, *;q=0\r\n", true, true, gzip},
      {"Accept-Encoding: identity, gzip;q=0.5\r\n", true, true, identity},
      {"Accept-Encoding: identity;q=0.2, gzip;q=0.5\r\n", true, true, gzip},
      {"Accept-Encoding: identity;q=0\r\n", true, true, identity},  // rather than nothing
      {"Accept-Encoding: identity;q=0, gzip\r\n", true, true, gzip},
      {"Accept-Encoding: gzip;q=high, br;q=7\r\n", true, true, identity},
      {"Accept-Encoding: , ,gzip,\r\n", true, true, gzip},
      {"Accept-Encoding: gzipped\r\n", true, true, identity},
      {"Accept-Encoding: \"gzip\"\r\n", true, true, identity},
  };
  for (const auto& row : rows) {
    CAPTURE(row.lines);
    CHECK(http::choose_coding(http::test::fields{row.lines}.list(), {row.gzip, row.brotli}) == row.chosen);
  }
}

TEST_CASE("the media type that the client likes best (RFC 9110 12.5.1)") {
  const std::vector<std::string_view> offered{"text/html; charset=utf-8", "application/json", "text/plain"};
  struct {
    std::string_view lines;
    std::optional<std::size_t> chosen;
  } const rows[] = {
      {"", 0},
      {"Accept:\r\n", 0},
      {"Accept: */*\r\n", 0},
      {"Accept: application/json\r\n", 1},
      {"Accept: APPLICATION/JSON\r\n", 1},
      {"Accept: application/*\r\n", 1},
      {"Accept: text/*\r\n", 0},
      {"Accept: text/*;q=0.3, text/plain;q=0.7, */*;q=0.5\r\n", 2},
      {"Accept: text/html;q=0, */*\r\n", 1},
      {"Accept: text/html;q=0, text/*\r\n", 2},
      {"Accept: text/html;charset=utf-8\r\n", 0},
      {"Accept: text/html;charset=latin1\r\n", {}},
      {"Accept: text/html;level=1;q=0.4, text/html;q=0.7, text/plain;q=0.6\r\n", 0},
      {"Accept: text/html;charset=utf-8;q=0.4, text/html;q=0.7, text/plain;q=0.6\r\n", 2},
      {"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8\r\n",
       0},  // a browser
      {"Accept: image/png\r\n", {}},
      {"Accept: */*;q=0\r\n", {}},
      {"Accept: application/json;q=0.5\r\nAccept: text/plain\r\n", 2},
      {"Accept: text/html;q=abc\r\n", 0},  // malformed: as if nothing was asked
      {"Accept: text/html;x=\"a,b;q=0\";q=0.1, application/json;q=0.05\r\n", 1},
      {"Accept: *\r\n", {}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.lines);
    CHECK(http::choose_type(http::test::fields{row.lines}.list(), offered) == row.chosen);
  }
  CHECK(!http::choose_type(http::test::fields{""}.list(), {}).has_value());
}
