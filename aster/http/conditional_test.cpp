#include "aster/http/conditional.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "aster/http/test/fields.hpp"

namespace http = aster::http;
using http::method;
using enum http::precondition;

namespace {

constexpr std::int64_t changed = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::int64_t now = 800000000;
const http::validators tagged{.etag = "\"v2\"", .last_modified = changed};
const http::validators weak{.etag = "W/\"v2\"", .last_modified = changed};
const http::validators dated{.last_modified = changed};
const http::validators bare{};
const http::validators missing{.exists = false};

struct row {
  method m;
  std::string_view lines;
  http::validators current;
  http::precondition result;
};

}  // namespace

TEST_CASE("entity tags are taken off the front of a text") {
  struct {
    std::string_view text, opaque;
    bool is_weak;
    std::string_view rest;
  } const good[] = {
      {"\"a\"", "\"a\"", false, ""},
      {"W/\"a\"", "\"a\"", true, ""},
      {"\"\"", "\"\"", false, ""},
      {"\"a\", \"b\"", "\"a\"", false, ", \"b\""},
      {"\"a,b\"", "\"a,b\"", false, ""},
      {"\"\\\"x", "\"\\\"", false, "x"},
      {"\"\xc3\xa4\"", "\"\xc3\xa4\"", false, ""},
  };
  for (const auto& g : good) {
    CAPTURE(g.text);
    std::string_view text = g.text;
    const auto tag = http::take_entity_tag(text);
    REQUIRE(tag.has_value());
    CHECK(tag->opaque == g.opaque);
    CHECK(tag->is_weak == g.is_weak);
    CHECK(text == g.rest);
  }
  for (std::string_view bad :
       {"", "a", "\"", "\"a", "w/\"a\"", "W/", "W/a", "W /\"a\"", "\"a b\"", "\"a\tb\"", "'a'"}) {
    CAPTURE(bad);
    std::string_view text = bad;
    CHECK(!http::take_entity_tag(text).has_value());
    CHECK(text == bad);
  }
}

TEST_CASE("the comparisons of RFC 9110 8.8.3.2") {
  const http::entity_tag w1{"\"1\"", true}, w2{"\"2\"", true}, s1{"\"1\"", false};
  CHECK(!http::matches_strongly(w1, w1));
  CHECK(http::matches_weakly(w1, w1));
  CHECK(!http::matches_weakly(w1, w2));
  CHECK(!http::matches_strongly(w1, s1));
  CHECK(http::matches_weakly(w1, s1));
  CHECK(http::matches_strongly(s1, s1));
}

TEST_CASE("preconditions, in the order of RFC 9110 13.2.2") {
  const row rows[] = {
      {method::get, "", tagged, holds},
      // If-Match: strong, and first of all
      {method::put, "If-Match: \"v2\"\r\n", tagged, holds},
      {method::put, "If-Match: \"v1\", \"v2\"\r\n", tagged, holds},
      {method::put, "If-Match: \"v1\"\r\nif-match: \"v2\"\r\n", tagged, holds},
      {method::put, "If-Match: ,, \"v2\" ,\r\n", tagged, holds},
      {method::put, "If-Match: \"v1\"\r\n", tagged, failed},
      {method::put, "If-Match: W/\"v2\"\r\n", tagged, failed},
      {method::put, "If-Match: \"v2\"\r\n", weak, failed},
      {method::put, "If-Match: \"v2\"\r\n", bare, failed},
      {method::put, "If-Match: *\r\n", tagged, holds},
      {method::put, "If-Match: *\r\n", bare, holds},
      {method::put, "If-Match: *\r\n", missing, failed},
      {method::put, "If-Match: \"v2\"\r\n", missing, failed},
      {method::put, "If-Match: v2\r\n", tagged, failed},
      {method::put, "If-Match: \"v2\r\n", tagged, failed},
      {method::put, "If-Match: \r\n", tagged, failed},
      {method::get, "If-Match: \"v1\"\r\n", tagged, failed},
      {method::get, "If-Match: \"v1\"\r\nIf-None-Match: \"v2\"\r\n", tagged, failed},
      {method::get, "If-Match: \"v2\"\r\nIf-None-Match: \"v2\"\r\n", tagged, not_modified},
      // If-Unmodified-Since: without an If-Match alone
      {method::put, "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", dated, holds},
      {method::put, "If-Unmodified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", dated, holds},
      {method::put, "If-Unmodified-Since: Sun Nov  6 08:49:37 1994\r\n", dated, holds},
      {method::put, "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", dated, failed},
      {method::put, "If-Unmodified-Since: yesterday\r\n", dated, holds},
      {method::put, "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", bare, holds},
      {method::put, "If-Match: \"v2\"\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", tagged,
       holds},
      // If-None-Match: weak
      {method::get, "If-None-Match: \"v2\"\r\n", tagged, not_modified},
      {method::get, "If-None-Match: W/\"v2\"\r\n", tagged, not_modified},
      {method::get, "If-None-Match: \"v2\"\r\n", weak, not_modified},
      {method::head, "If-None-Match: \"a\", W/\"b\", \"v2\"\r\n", tagged, not_modified},
      {method::get, "If-None-Match: \"a,v2\"\r\n", tagged, holds},
      {method::get, "If-None-Match: \"v1\"\r\n", tagged, holds},
      {method::get, "If-None-Match: \"V2\"\r\n", tagged, holds},
      {method::get, "If-None-Match: *\r\n", tagged, not_modified},
      {method::get, "If-None-Match: *\r\n", missing, holds},
      {method::put, "If-None-Match: *\r\n", missing, holds},
      {method::put, "If-None-Match: *\r\n", tagged, failed},
      {method::delete_, "If-None-Match: \"v2\"\r\n", tagged, failed},
      {method::put, "If-None-Match: nonsense\r\n", tagged, failed},
      {method::get, "If-None-Match: nonsense\r\n", tagged, holds},
      {method::get, "If-None-Match: \"v2\" nonsense\r\n", tagged, holds},
      {method::get, "If-None-Match: \"v2\", nonsense\r\n", tagged, not_modified},
      // If-Modified-Since: for GET and HEAD, without an If-None-Match alone
      {method::get, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", dated, not_modified},
      {method::head, "If-Modified-Since: Mon, 07 Nov 1994 08:49:37 GMT\r\n", dated, not_modified},
      {method::get, "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", dated, holds},
      {method::get, "If-Modified-Since: soon\r\n", dated, holds},
      {method::get, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", bare, holds},
      {method::post, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", dated, holds},
      {method::get, "If-None-Match: \"v1\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", tagged,
       holds},
      // methods without a representation (13.2.1)
      {method::options, "If-Match: \"v1\"\r\nIf-None-Match: *\r\n", tagged, holds},
      {method::trace, "If-None-Match: *\r\n", tagged, holds},
  };
  for (const row& r : rows) {
    CAPTURE(r.lines);
    CAPTURE(r.current.etag);
    CHECK(http::check_preconditions(r.m, http::test::fields{r.lines}.list(), r.current, now) == r.result);
  }
}

TEST_CASE("If-Range compares strongly (RFC 9110 13.1.5)") {
  const auto applies = [](std::string_view lines, const http::validators& current, std::int64_t at = now) {
    return http::range_applies(http::test::fields{lines}.list(), current, at);
  };
  CHECK(applies("", bare));
  CHECK(applies("If-Range: \"v2\"\r\n", tagged));
  CHECK(!applies("If-Range: \"v1\"\r\n", tagged));
  CHECK(!applies("If-Range: W/\"v2\"\r\n", tagged));
  CHECK(!applies("If-Range: \"v2\"\r\n", weak));
  CHECK(!applies("If-Range: \"v2\", \"v3\"\r\n", tagged));
  CHECK(!applies("If-Range: \"v2\"\r\n", bare));
  CHECK(applies("If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n", dated));
  CHECK(!applies("If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n", dated, changed + 59));
  CHECK(!applies("If-Range: Mon, 07 Nov 1994 08:49:37 GMT\r\n", dated));
  CHECK(!applies("If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n", bare));
  CHECK(!applies("If-Range: *\r\n", tagged));
}
