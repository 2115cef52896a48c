#include "aster/crunch/folder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace aster::crunch;

namespace {

constexpr file index_html{.path = "/index.html",
                          .type = "text/html; charset=utf-8",
                          .content = "<p>Hello",
                          .gzip = {},
                          .brotli = {},
                          .etag = "\"a\"",
                          .gzip_etag = {},
                          .brotli_etag = {},
                          .fingerprinted = "/index.0000000a.html"};
constexpr file style_css{.path = "/css/style.css",
                         .type = "text/css; charset=utf-8",
                         .content = "p {}",
                         .gzip = {},
                         .brotli = {},
                         .etag = "\"b\"",
                         .gzip_etag = {},
                         .brotli_etag = {},
                         .fingerprinted = "/css/style.0000000b.css"};
constexpr entry entries[] = {
    {"/", &index_html, false},
    {"/index.html", &index_html, false},
    {"/css/style.css", &style_css, false},
    {"/index.0000000a.html", &index_html, true},
    {"/css/style.0000000b.css", &style_css, true},
};
constexpr const file* files[] = {&style_css, &index_html};
constexpr folder site{"site", entries, files};

static_assert(site.find_built("/")->content == "<p>Hello");
static_assert(style_css.url() == "/css/style.0000000b.css");

}  // namespace

TEST_CASE("a file is found by its path, and may change") {
  const found style = site.find("/css/style.css");
  REQUIRE(style);
  CHECK(style.file == &style_css);
  CHECK_FALSE(style.is_immutable);
}

TEST_CASE("a file is found by its fingerprint, and never changes") {
  const found style = site.find(style_css.url());
  REQUIRE(style);
  CHECK(style.file == &style_css);
  CHECK(style.is_immutable);
}

TEST_CASE("a directory means its index") {
  CHECK(site.find("/").file == &index_html);
  CHECK_FALSE(site.find("/").is_immutable);
  CHECK_FALSE(site.find("/css/"));
}

TEST_CASE("what is not there is not found, whatever the bytes") {
  const std::string with_zero{"/css/style.css\0", 15};
  for (const std::string_view path :
       {"", "css/style.css", "/css", "/css/style.cs", "/css/style.css/", "/CSS/style.css", "//css/style.css",
        "/css/../css/style.css", "/css/style.0000000c.css", "/index.html?x", "\xff", with_zero.c_str()}) {
    CAPTURE(path);
    CHECK(bool(site.find(path)) == (path == "/css/style.css"));
  }
  CHECK_FALSE(site.find(with_zero));
}

TEST_CASE("every entry of a table is found, also of one with many of the same length") {
  std::vector<std::string> paths;
  for (int i = 0; i < 1000; ++i) paths.push_back("/" + std::to_string(i));
  std::vector<entry> table;
  for (const auto& path : paths) table.push_back({path, &index_html, false});
  std::ranges::sort(table, precedes, &entry::path);
  const folder many{"many", table, {}};
  for (const auto& path : paths) CHECK(many.find(path));
  CHECK_FALSE(many.find("/1000"));
  CHECK_FALSE(folder{"none", {}, {}}.find("/"));
}

TEST_CASE("a folder lists its files by path") {
  std::vector<std::string_view> paths;
  for (const file& each : site) paths.push_back(each.path);
  CHECK(paths == std::vector<std::string_view>{"/css/style.css", "/index.html"});
  CHECK(site.size() == 2);
  CHECK(site.name() == "site");
}

TEST_CASE("without the development mode nothing is live") {
  CHECK(live() == nullptr);
  CHECK(live_version() == 0);
}
