#include "aster/web/files.hpp"

#include <doctest/doctest.h>

#include <string>

#include "aster/web/app.hpp"
#include "aster/web/test/client.hpp"

using namespace aster;

namespace {

// As asterism_crunch would write it.
constexpr crunch::file style{.path = "/css/style.css",
                             .type = "text/css; charset=utf-8",
                             .content = "body { color: red }",
                             .gzip = "GZIP",
                             .brotli = "BR",
                             .etag = "\"s\"",
                             .gzip_etag = "\"s-gz\"",
                             .brotli_etag = "\"s-br\"",
                             .fingerprinted = "/css/style.3f9c2a1b.css"};
constexpr crunch::file picture{.path = "/a b.png",
                               .type = "image/png",
                               .content = "PNG",
                               .gzip = {},
                               .brotli = {},
                               .etag = "\"p\"",
                               .gzip_etag = {},
                               .brotli_etag = {},
                               .fingerprinted = "/a%20b.11111111.png"};
constexpr crunch::file guide{.path = "/guide/index.html",
                             .type = "text/html; charset=utf-8",
                             .content = "<h1>Guide</h1>",
                             .gzip = {},
                             .brotli = {},
                             .etag = "\"g\"",
                             .gzip_etag = {},
                             .brotli_etag = {},
                             .fingerprinted = "/guide/index.22222222.html"};
constexpr crunch::entry entries[] = {
    {"/guide/", &guide, false},
    {"/a b.png", &picture, false},
    {"/css/style.css", &style, false},
    {"/a b.11111111.png", &picture, true},
    {"/guide/index.html", &guide, false},
    {"/css/style.3f9c2a1b.css", &style, true},
    {"/guide/index.22222222.html", &guide, true},
};
constexpr const crunch::file* all_files[] = {&picture, &style, &guide};
constexpr crunch::folder folder{"assets", entries, all_files};

constexpr web::route<"/css/made.css"> made;

auto make() {
  return web::app{web::get(made, [] { return "made"; }), web::files(folder),
                  web::mount<"/static">(web::files(folder))};
}

}  // namespace

TEST_CASE("files are found by path, below a prefix, behind other routes, and what is not there is 404") {
  auto app = make();
  web::test::client client{app};
  const auto css = client.get("/css/style.css");
  CHECK(css.status == 200);
  CHECK(css.body == "body { color: red }");
  CHECK(css.header("content-type") == "text/css; charset=utf-8");
  CHECK(css.header("etag") == "\"s\"");
  CHECK(css.header("vary") == "Accept-Encoding");
  CHECK(css.header("accept-ranges") == "bytes");
  CHECK(css.header("cache-control") == "no-cache");
  CHECK(css.header("x-content-type-options") == "nosniff");
  CHECK(client.get("/css/made.css").body == "made");
  CHECK(client.get("/a%20b.png").body == "PNG");
  CHECK(client.get("/static/css/style.css").body == css.body);
  CHECK(client.get("/css/none.css").status == 404);
  CHECK(client.get("/css").status == 404);
  CHECK(client.get("/").status == 404);
  CHECK(client.get("/css/../a%20b.png").status == 404);
  CHECK(client.get("/css%2fstyle.css").status == 200);
}

TEST_CASE("HEAD is as GET without the body, and every other method is refused") {
  auto app = make();
  web::test::client client{app};
  const auto head = client.head("/css/style.css");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head.header("content-length") == "19");
  CHECK(client.post("/css/style.css", "text/plain", "x").status == 405);
}

TEST_CASE("each coding has its own entity tag, and every answer says what it depends on") {
  auto app = make();
  web::test::client client{app};
  const auto br = client.get("/css/style.css", {{"Accept-Encoding", "gzip, deflate, br"}});
  CHECK(br.body == "BR");
  CHECK(br.header("content-encoding") == "br");
  CHECK(br.header("etag") == "\"s-br\"");
  CHECK(br.header("vary") == "Accept-Encoding");
  CHECK(br.header("content-type") == "text/css; charset=utf-8");
  CHECK(client.get("/css/style.css", {{"Accept-Encoding", "gzip"}}).body == "GZIP");
  CHECK(client.get("/css/style.css", {{"Accept-Encoding", "gzip;q=0, br;q=0"}}).body == style.content);
  CHECK(!client.get("/a%20b.png", {{"Accept-Encoding", "br"}}).header("vary"));
  CHECK(client.get("/a%20b.png", {{"Accept-Encoding", "br"}}).body == "PNG");
  // A tag of one coding is none of another.
  CHECK(client.get("/css/style.css", {{"If-None-Match", "\"s-br\""}}).status == 200);
  const auto same = client.get("/css/style.css", {{"Accept-Encoding", "br"}, {"If-None-Match", "\"s-br\""}});
  CHECK(same.status == 304);
  CHECK(same.header("vary") == "Accept-Encoding");
  CHECK(same.header("cache-control") == "no-cache");
  CHECK(!same.header("content-encoding"));
}

TEST_CASE("a range is one of the coding that is sent (RFC 9110 14.2)") {
  auto app = make();
  web::test::client client{app};
  const auto part = client.get("/css/style.css", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=1-2"}});
  CHECK(part.status == 206);
  CHECK(part.body == "ZI");
  CHECK(part.header("content-encoding") == "gzip");
  CHECK(part.header("content-range") == "bytes 1-2/4");
  CHECK(client.get("/css/style.css", {{"Range", "bytes=0-3"}}).body == "body");
  const auto beyond = client.get("/css/style.css", {{"Accept-Encoding", "gzip"}, {"Range", "bytes=4-"}});
  CHECK(beyond.status == 416);
  CHECK(!beyond.header("content-encoding"));
}

TEST_CASE("what is found by its fingerprint may be kept for ever") {
  auto app = make();
  web::test::client client{app};
  const auto css = client.get("/css/style.3f9c2a1b.css");
  CHECK(css.body == style.content);
  CHECK(css.header("cache-control") == "public, max-age=31536000, immutable");
}

TEST_CASE("a directory is its index, and without its '/' it is elsewhere") {
  auto app = make();
  web::test::client client{app};
  CHECK(client.get("/guide/").body == "<h1>Guide</h1>");
  const auto moved = client.get("/static/guide?x=1");
  CHECK(moved.status == 308);
  CHECK(moved.header("location") == "/static/guide/?x=1");
  CHECK(client.get("//guide").status == 404);
}
