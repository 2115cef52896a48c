#include "aster/crunch/live.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "aster/crunch/folder.hpp"

using namespace aster::crunch;
namespace fs = std::filesystem;

namespace {

constexpr file built_css{.path = "/style.css",
                         .type = "text/css; charset=utf-8",
                         .content = "built",
                         .gzip = "gz",
                         .brotli = "br",
                         .etag = "\"b\"",
                         .gzip_etag = "\"b-gz\"",
                         .brotli_etag = "\"b-br\"",
                         .fingerprinted = "/style.0000000b.css"};
constexpr entry entries[] = {{"/style.css", &built_css, false}, {"/style.0000000b.css", &built_css, true}};
constexpr const file* files[] = {&built_css};
constexpr folder site{"site", entries, files};
constexpr folder other{"other", entries, files};

/// The tree that this whole program serves, with a secret beside it. The environment is read once, so it is
/// set before the first test.
struct tree {
  fs::path outside, root;
  tree() {
    std::string pattern = (fs::temp_directory_path() / "aster-live-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    outside = pattern;
    root = outside / "site";
    fs::create_directories(root / "sub/.git");
    write(outside / "secret", "secret");
    write(outside / "site-secret", "secret");
    write(root / ".env", "secret");
    write(root / "sub/.git/config", "secret");
    write(root / "sub/page.html~", "secret");
    write(root / "style.css", "one");
    fs::create_symlink(outside / "secret", root / "out");
    fs::create_symlink("..", root / "up");
    fs::create_symlink("../site-secret", root / "beside");
    fs::create_symlink(".env", root / "hidden");
    fs::create_symlink("style.css", root / "inside.css");
    fs::create_symlink(".", root / "sub/here");
    ::setenv("ASTER_LIVE_site", root.c_str(), 1);
  }
  ~tree() { fs::remove_all(outside); }
  static void write(const fs::path& path, std::string_view content) { std::ofstream{path} << content; }
};
const tree disk;

}  // namespace

TEST_CASE("an edit is seen at once, by every name of the file, and nothing is immutable") {
  tree::write(disk.root / "style.css", "one");
  const found first = site.find("/style.css");
  REQUIRE(first);
  CHECK(first->content == "one");
  CHECK(first->type == built_css.type);
  CHECK(first->url() == built_css.url());
  CHECK(first->gzip.empty());
  CHECK(first->brotli.empty());
  CHECK_FALSE(site.find(built_css.url()).is_immutable);

  tree::write(disk.root / "style.css", "longer");
  const found second = site.find(built_css.url());
  REQUIRE(second);
  CHECK(second->content == "longer");
  CHECK(second->etag != first->etag);
  CHECK(second->etag.starts_with('"'));
  CHECK(first->content == "one");  // somebody sends it still
}

TEST_CASE("a file that has not changed is not read again") {
  CHECK(site.find("/style.css").file == site.find("/style.css").file);
}

TEST_CASE("what is new is found, what was deleted is not, and a directory means its index") {
  CHECK_FALSE(site.find("/sub/"));
  tree::write(disk.root / "sub/index.html", "<p>");
  const found index = site.find("/sub/");
  REQUIRE(index);
  CHECK(index->path == "/sub/index.html");
  CHECK(index->type == "text/html; charset=utf-8");
  CHECK(index->url() == "/sub/index.html");

  fs::remove(disk.root / "style.css");
  CHECK_FALSE(site.find("/style.css"));
  CHECK_FALSE(site.find(built_css.url()));
  tree::write(disk.root / "style.css", "back");
  CHECK(site.find("/style.css")->content == "back");
}

TEST_CASE("an empty file is a file") {
  tree::write(disk.root / "empty.txt", "");
  REQUIRE(site.find("/empty.txt"));
  CHECK(site.find("/empty.txt")->content.empty());
}

TEST_CASE("no path leads out of the directory, nor to what is hidden") {
  const std::string with_zero{"/style.css\0/../../secret", 24};
  for (const std::string& path : {std::string{"/../secret"},
                                  std::string{"/sub/../../secret"},
                                  std::string{"/../site/style.css"},
                                  std::string{"/../site-secret"},
                                  std::string{"/up/secret"},
                                  std::string{"/out"},
                                  std::string{"/beside"},
                                  std::string{"/hidden"},
                                  std::string{"/.env"},
                                  std::string{"/sub/.git/config"},
                                  std::string{"/sub/page.html~"},
                                  std::string{"//etc/passwd"},
                                  std::string{"/./style.css"},
                                  std::string{"etc/passwd"},
                                  std::string{""},
                                  std::string{"/sub"},
                                  disk.outside.string() + "/secret",
                                  "/" + disk.outside.string() + "/secret",
                                  std::string{"/sub/here/.git/config"},
                                  "/" + std::string(5000, 'a'),
                                  "/" + std::string(300, 'a') + "/b",
                                  with_zero}) {
    CAPTURE(path);
    CHECK_FALSE(site.find(path));
  }
  // Where a link leads to is what counts, not the way there.
  for (const char* path : {"/inside.css", "/up/site/style.css", "/sub/here/index.html"}) {
    CAPTURE(path);
    CHECK(site.find(path));
  }
}

TEST_CASE("the version rises when anything changes, and only then") {
  const auto quiet = [] {
    const auto before = live_version();
    return live_version() == before;
  };
  const auto rises = [](auto&& change) {
    const auto before = live_version();
    change();
    return live_version() > before;
  };
  CHECK(live_version() > 0);
  CHECK(quiet());
  CHECK(rises([] { tree::write(disk.root / "sub/new.txt", "1"); }));
  CHECK(quiet());
  CHECK(rises([] { tree::write(disk.root / "sub/new.txt", "22"); }));
  CHECK(rises([] { fs::rename(disk.root / "sub/new.txt", disk.root / "sub/newer.txt"); }));
  CHECK(rises([] { fs::remove(disk.root / "sub/newer.txt"); }));
  CHECK(quiet());
}

TEST_CASE("a folder that the environment does not name is served from the image") {
  REQUIRE(live() != nullptr);
  const found style = other.find("/style.0000000b.css");
  CHECK(style.file == &built_css);
  CHECK(style.is_immutable);
}
