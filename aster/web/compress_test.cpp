#include "aster/web/compress.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <array>
#include <string>

#include "aster/web/app.hpp"
#include "aster/web/nonce.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;

namespace {

const std::string long_text(5000, 'x');

constexpr web::route<"/long"> long_one;
constexpr web::route<"/short"> short_one;
constexpr web::route<"/tagged"> tagged;
constexpr web::route<"/picture"> picture;
constexpr web::route<"/constant"> constant;
constexpr web::route<"/coded"> coded;
constexpr web::route<"/private"> untouched;
constexpr web::route<"/stream"> stream;
constexpr web::route<"/page"> page;
constexpr web::route<"/missing"> missing;

auto make(web::compress how = {}) {
  return web::app{
      web::wrap(how),
      web::get(long_one, [] { return web::text(long_text); }),
      web::get(short_one, [] { return web::text(std::string(1023, 'x')); }),
      web::get(tagged, [] { return web::text(long_text).etag("v2"); }),
      web::get(picture, [] { return web::response{http::status::ok, "image/png", long_text}; }),
      web::get(constant, [] { return web::borrow("text/css", long_text); }),
      web::get(coded, [] { return web::text(long_text).header("Content-Encoding", "x"); }),
      web::get(untouched,
               [] { return web::text(long_text).header("Cache-Control", "private, no-transform"); }),
      web::get(stream,
               [] {
                 return web::stream("text/plain", [](http::body_writer& out) {
                   for (int i = 0; i < 3; ++i) out.write(std::string_view{long_text});
                 });
               }),
      web::get(page,
               [] {
                 return web::response{
                     http::status::ok, web::html_text,
                     "<script nonce=\"" + std::string{web::nonce_placeholder()} + "\">" + long_text};
               }),
      web::get(missing, [] { return web::text(long_text, http::status::not_found); }),
  };
}

std::string unzipped(std::string_view bytes) {
  z_stream s{};
  REQUIRE(inflateInit2(&s, 16 + 15) == Z_OK);
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  s.avail_in = static_cast<uInt>(bytes.size());
  std::string text(100'000, '\0');
  s.next_out = reinterpret_cast<Bytef*>(text.data());
  s.avail_out = static_cast<uInt>(text.size());
  CHECK(inflate(&s, Z_FINISH) == Z_STREAM_END);
  text.resize(s.total_out);
  inflateEnd(&s);
  return text;
}

const web::test::fields gzip{{"Accept-Encoding", "gzip"}};

}  // namespace

TEST_CASE("long text is coded as the client likes it, and says that it depends on that") {
  auto app = make();
  web::test::client client{app};
  const auto zipped = client.get("/long", gzip);
  CHECK(zipped.header("content-encoding") == "gzip");
  CHECK(zipped.header("vary") == "Accept-Encoding");
  CHECK(zipped.header("content-length") == std::to_string(zipped.body.size()));
  CHECK(zipped.body.size() < 200);
  CHECK(unzipped(zipped.body) == long_text);
  CHECK(client.get("/long", {{"Accept-Encoding", "gzip, br"}}).header("content-encoding") == "br");
  const auto plain = client.get("/long");
  CHECK(plain.body == long_text);
  CHECK(!plain.header("content-encoding"));
  CHECK(plain.header("vary") == "Accept-Encoding");
  const auto head = client.head("/long", gzip);
  CHECK(head.header("content-length") == zipped.header("content-length"));
  CHECK(head.body.empty());
  CHECK(client.get("/missing", gzip).header("content-encoding") == "gzip");
}

TEST_CASE("what is short, constant, coded, compressed or not to be touched stays as it is") {
  auto app = make();
  web::test::client client{app};
  for (const char* path : {"/short", "/picture", "/constant", "/private", "/stream"}) {
    CAPTURE(path);
    const auto answer = client.get(path, gzip);
    CHECK(answer.status == 200);
    CHECK(!answer.header("content-encoding"));
    CHECK(!answer.header("vary"));
    CHECK(answer.body.starts_with("xxx"));
  }
  CHECK(client.get("/coded", gzip).header("content-encoding") == "x");
  CHECK(client.get("/coded", gzip).body == long_text);
}

TEST_CASE("a strong tag is weakened, since the bytes are others") {
  auto app = make();
  web::test::client client{app};
  CHECK(client.get("/tagged").header("etag") == "\"v2\"");
  const auto zipped = client.get("/tagged", gzip);
  CHECK(zipped.header("etag") == "W/\"v2\"");
  CHECK(unzipped(zipped.body) == long_text);
  const auto same = client.get("/tagged", {{"Accept-Encoding", "gzip"}, {"If-None-Match", "W/\"v2\""}});
  CHECK(same.status == 304);
  CHECK(same.header("etag") == "W/\"v2\"");
  CHECK(!same.header("content-encoding"));
  const auto part = client.get("/tagged", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=0-4"}});
  CHECK(part.status == 206);
  CHECK(part.body == "xxxxx");
  CHECK(part.header("etag") == "\"v2\"");
}

TEST_CASE("streams are coded when that is asked for") {
  auto app = make({.streams = true});
  web::test::client client{app};
  const auto zipped = client.get("/stream", gzip);
  CHECK(zipped.header("content-encoding") == "gzip");
  CHECK(zipped.header("transfer-encoding") == "chunked");
  CHECK(unzipped(zipped.body) == long_text + long_text + long_text);
  CHECK(client.head("/stream", gzip).body.empty());
  CHECK(client.get("/stream").body == long_text + long_text + long_text);
}

TEST_CASE("a page's nonces are filled in before it is coded") {
  auto app = make();
  web::test::client client{app};
  const auto zipped = client.get("/page", gzip);
  const std::string text = unzipped(zipped.body);
  const std::string nonce = text.substr(text.find('"') + 1, 24);
  CHECK(nonce != web::nonce_placeholder());
  CHECK(zipped.header("content-security-policy").value_or("").contains("'nonce-" + nonce + "'"));
}
