#include <doctest/doctest.h>

#include <string>

#include "aster/web/app.hpp"
#include "aster/web/nonce.hpp"
#include "aster/web/preconditions.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;

namespace {

constexpr web::route<"/page"> page;
constexpr web::route<"/dated"> dated;
constexpr web::route<"/constant"> constant;
constexpr web::route<"/plain"> plain;
constexpr web::route<"/html"> html;

auto make() {
  return web::app{
      web::get(page, [] { return web::text("0123456789").etag("v2").header("Content-Language", "en"); }),
      web::put(page, [] { return web::text("changed").etag("v2"); }),
      web::get(
          dated,
          [] { return web::text("0123456789").header("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"); }),
      web::get(constant, [] { return web::borrow("text/css", "abcdefghij").etag("c"); }),
      web::get(plain, [] { return web::text("0123456789"); }),
      web::get(html,
               [] {
                 return web::response{http::status::ok, web::html_text,
                                      "<p nonce=\"" + std::string{web::nonce_placeholder()} + "\">"}
                     .etag("h");
               }),
  };
}

}  // namespace

TEST_CASE("what the client has is not sent again") {
  auto app = make();
  web::test::client client{app};
  const auto fresh = client.get("/page", {{"If-None-Match", "\"v1\", W/\"v2\""}});
  CHECK(fresh.status == 304);
  CHECK(fresh.body.empty());
  CHECK(fresh.header("etag") == "\"v2\"");
  CHECK(!fresh.header("content-type"));
  CHECK(!fresh.header("content-length"));
  CHECK(!fresh.header("content-language"));
  CHECK(client.head("/page", {{"If-None-Match", "\"v2\""}}).status == 304);
  CHECK(client.get("/page", {{"If-None-Match", "\"v1\""}}).body == "0123456789");
  CHECK(client.get("/dated", {{"If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"}}).status == 304);
  CHECK(client.get("/dated", {{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT"}}).status == 200);
  CHECK(client.get("/plain", {{"If-None-Match", "*"}}).status == 200);
}

TEST_CASE("a 304 for a page leaves the policy alone that the page was sent with") {
  auto app = make();
  web::test::client client{app};
  CHECK(client.get("/html").header("content-security-policy"));
  CHECK(!client.get("/html", {{"If-None-Match", "\"h\""}}).header("content-security-policy"));
}

TEST_CASE("a part of a page has this request's nonce and no placeholder that a stranger could use") {
  auto app = make();
  web::test::client client{app};
  const auto part = client.get("/html", {{"Range", "bytes=10-33"}});
  CHECK(part.status == 206);
  CHECK(part.body.size() == 24);
  CHECK(part.body != web::nonce_placeholder());
  CHECK(part.header("content-security-policy").value_or("").contains("'nonce-" + part.body + "'"));
}

TEST_CASE("a condition that does not hold is a 412") {
  auto app = make();
  web::test::client client{app};
  const auto refused = client.get("/page", {{"If-Match", "\"v1\""}});
  CHECK(refused.status == 412);
  CHECK(refused.body == "412 Precondition Failed\n");
  CHECK(refused.header("x-content-type-options") == "nosniff");
  CHECK(!refused.header("content-language"));
  CHECK(client.get("/page", {{"If-Match", "\"v2\""}}).status == 200);
  // What a method has changed cannot be refused any more: its handler asks before.
  CHECK(client.send("PUT", "/page", {{"If-Match", "\"v1\""}}, "x").status == 200);
}

TEST_CASE("a part of a body is sent alone") {
  auto app = make();
  web::test::client client{app};
  for (const char* path : {"/page", "/constant"}) {
    CAPTURE(path);
    const auto all = client.get(path);
    const auto part = client.get(path, {{"Range", "bytes=2-4"}});
    CHECK(part.status == 206);
    CHECK(part.body == all.body.substr(2, 3));
    CHECK(part.header("content-range") == "bytes 2-4/10");
    CHECK(part.header("content-length") == "3");
    CHECK(part.header("etag") == all.header("etag"));
    CHECK(part.header("content-type") == all.header("content-type"));
    CHECK(client.get(path, {{"Range", "bytes=-1"}}).body == all.body.substr(9));
    CHECK(client.get(path, {{"Range", "bytes=5-1"}}).status == 200);
    CHECK(client.get(path, {{"Range", "lines=0-1"}}).status == 200);
    const auto beyond = client.get(path, {{"Range", "bytes=10-"}});
    CHECK(beyond.status == 416);
    CHECK(beyond.header("content-range") == "bytes */10");
  }
}

TEST_CASE("Range is for GET, for what has a validator, and If-Range guards it") {
  auto app = make();
  web::test::client client{app};
  CHECK(client.head("/page", {{"Range", "bytes=2-4"}}).status == 200);
  CHECK(client.get("/plain", {{"Range", "bytes=2-4"}}).status == 200);
  CHECK(client.get("/page", {{"Range", "bytes=2-4"}, {"If-Range", "\"v2\""}}).body == "234");
  CHECK(client.get("/page", {{"Range", "bytes=2-4"}, {"If-Range", "\"v1\""}}).body == "0123456789");
  CHECK(client.get("/page", {{"Range", "bytes=99-"}, {"If-Range", "\"v1\""}}).status == 200);
  CHECK(client.get("/page", {{"Range", "bytes=2-4"}, {"If-None-Match", "\"v2\""}}).status == 304);
  CHECK(client.get("/dated", {{"Range", "bytes=2-4"}, {"If-Range", "Sun, 06 Nov 1994 08:49:37 GMT"}}).body ==
        "234");
}

TEST_CASE("several parts come as multipart/byteranges, of the size that was announced") {
  auto app = make();
  web::test::client client{app};
  const auto parts = client.get("/page", {{"Range", "bytes=0-1, 8-"}});
  CHECK(parts.status == 206);
  CHECK(!parts.header("content-range"));
  const std::string type{parts.header("content-type").value_or("")};
  REQUIRE(type.starts_with("multipart/byteranges; boundary="));
  const std::string boundary = type.substr(type.find('=') + 1);
  const std::string expected =
      "--" + boundary +
      "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n--" +
      boundary +
      "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n--" +
      boundary + "--\r\n";
  CHECK(parts.body == expected);
  CHECK(parts.header("content-length") == std::to_string(expected.size()));
  CHECK(client.get("/page", {{"Range", "bytes=0-1, 8-"}}).header("content-type") != type);
}

TEST_CASE("a change of what somebody else has changed meanwhile is refused before it is made") {
  int changes = 0;
  web::app app{web::put(page,
                        [&](const web::request& req) {
                          web::require_preconditions(req, {.etag = "\"v2\""});
                          ++changes;
                          return http::status::no_content;
                        }),
               web::delete_(page, [&](const web::request& req) {
                 web::require_preconditions(req, {.etag = "\"v2\""}, web::without_condition::is_refused);
                 ++changes;
                 return http::status::no_content;
               })};
  web::test::client client{app};
  CHECK(client.send("PUT", "/page", {{"If-Match", "\"v1\""}}, "x").status == 412);
  CHECK(client.send("PUT", "/page", {{"If-None-Match", "*"}}, "x").status == 412);
  CHECK(changes == 0);
  CHECK(client.send("PUT", "/page", {{"If-Match", "\"v1\", \"v2\""}}, "x").status == 204);
  CHECK(client.send("PUT", "/page", {}, "x").status == 204);
  CHECK(changes == 2);
  CHECK(client.send("DELETE", "/page", {}, "").status == 428);
  CHECK(client.send("DELETE", "/page", {{"If-Match", "\"v1\""}}, "").status == 412);
  CHECK(client.send("DELETE", "/page", {{"If-Match", "*"}}, "").status == 204);
  CHECK(changes == 3);
}
