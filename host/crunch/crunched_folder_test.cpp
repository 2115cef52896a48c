#include "host/crunch/crunched_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "aster/crunch/folder.hpp"

using namespace aster::host::crunch;

namespace {

source_tree tree_of(std::vector<std::pair<std::string, std::string>> files) {
  source_tree tree;
  for (auto& [path, content] : files) tree.files.push_back({path, {}, content});
  return tree;
}

source_tree tree_of(std::initializer_list<const char*> paths) {
  source_tree tree;
  for (const char* path : paths) tree.files.push_back({path, {}, "content"});
  return tree;
}

crunched_folder crunched(source_tree tree) {
  auto folder = crunch_tree(std::move(tree), "assets");
  REQUIRE_MESSAGE(folder.has_value(), folder.error());
  return std::move(*folder);
}

std::string refusal(source_tree tree) {
  const auto folder = crunch_tree(std::move(tree), "assets");
  REQUIRE_FALSE(folder.has_value());
  CHECK_FALSE(folder.error().contains('\n'));
  return folder.error();
}

}  // namespace

TEST_CASE("a file gets its type, its digest, a fingerprinted URL and a name") {
  const auto folder = crunched(tree_of({{"/css/style.css", "abc"}}));
  const crunched_file& file = folder.files.front();
  CHECK(file.type == "text/css; charset=utf-8");
  CHECK(file.sha256.starts_with("ba7816bf8f01cfea"));
  CHECK(file.fingerprinted == "/css/style.ba7816bf.css");
  CHECK(file.url == file.fingerprinted);
  CHECK(folder.full_name(file) == "assets::css::style_css");
}

TEST_CASE("the fingerprint stands before the ending, or behind a name without one, and URLs are encoded") {
  const std::pair<const char*, const char*> table[] = {
      {"/LICENSE", "/LICENSE.ed7002b4"},           {"/a.b/file", "/a.b/file.ed7002b4"},
      {"/app.min.js", "/app.min.ed7002b4.js"},     {"/.htaccess", "/.htaccess.ed7002b4"},
      {"/a b&'.txt", "/a%20b%26%27.ed7002b4.txt"}, {"/ä.txt", "/%C3%A4.ed7002b4.txt"},
  };
  for (const auto& [path, url] : table) CHECK(crunched(tree_of({path})).files.front().url == url);
}

TEST_CASE("codings are there where they help") {
  const std::string text(5000, 'a');
  const auto folder =
      crunched(tree_of({{"/a.png", text}, {"/a.txt", text}, {"/short.txt", "short"}, {"/unheardof", text}}));
  CHECK(folder.files[0].gzip.empty());  // compressed by its format, it claims
  CHECK(folder.files[0].brotli.empty());
  CHECK_FALSE(folder.files[1].gzip.empty());
  CHECK(folder.files[1].brotli.size() < folder.files[1].gzip.size());
  CHECK(folder.files[2].gzip.empty());
  CHECK(folder.files[2].brotli.empty());
  CHECK_FALSE(folder.files[3].brotli.empty());
}

TEST_CASE("two files of one name in C++ are refused, with both named") {
  CHECK(refusal(tree_of({"/a-b.css", "/a_b.css"})) ==
        "/a-b.css and /a_b.css would both be called a_b_css in C++; rename one of them");
  CHECK(refusal(tree_of({"/a.css/x", "/a_css"})).contains("/a.css/ and /a_css would both be called a_css"));
  CHECK(refusal(tree_of({"/a-b/x", "/a_b/y"})).contains("/a-b/ and /a_b/ would both be called a_b"));
  CHECK(crunched(tree_of({"/a/b_c", "/a_b/c"})).files.size() == 2);
}

TEST_CASE("keywords and the name of the folder itself are stepped around") {
  const auto folder = crunched(tree_of({"/all", "/new", "/sub/all"}));
  CHECK(folder.full_name(folder.files[0]) == "assets::all_");
  CHECK(folder.full_name(folder.files[1]) == "assets::new_");
  CHECK(folder.full_name(folder.files[2]) == "assets::sub::all");
}

TEST_CASE("a file that bears another's fingerprint is refused") {
  CHECK(refusal(tree_of({"/a.ed7002b4.txt", "/a.txt"})) ==
        "/a.ed7002b4.txt is a file, and also the fingerprinted URL of /a.txt; rename the first");
}

TEST_CASE("a namespace must be one") {
  for (const char* name : {"", "a-b", "class", "std", "aster", "1a"}) {
    CHECK(crunch_tree(tree_of({"/a"}), name).error().contains("cannot be the name of a namespace"));
  }
}

TEST_CASE("the table has every way to ask, in its order") {
  const auto folder = crunched(tree_of({"/docs/index.html", "/index.html", "/other-index.html"}));
  const auto table = table_of(folder);
  CHECK(std::ranges::is_sorted(table, aster::crunch::precedes, &table_entry::path));
  std::vector<std::string> paths;
  for (const auto& entry : table) paths.push_back(entry.path);
  CHECK(paths == std::vector<std::string>{"/", "/docs/", "/index.html", "/docs/index.html",
                                          "/other-index.html", "/index.ed7002b4.html",
                                          "/docs/index.ed7002b4.html", "/other-index.ed7002b4.html"});
  CHECK(table[1].file->path == "/docs/index.html");
  CHECK_FALSE(table[1].is_immutable);
  CHECK(table[5].is_immutable);
}

TEST_CASE("many files are compressed side by side with the same result") {
  std::vector<std::pair<std::string, std::string>> files;
  for (char c = 'a'; c <= 'z'; ++c) files.push_back({std::string{"/"} + c, std::string(2000, c)});
  const auto one = crunched(tree_of(files)), other = crunched(tree_of(files));
  for (std::size_t i = 0; i < one.files.size(); ++i) {
    CHECK_FALSE(one.files[i].brotli.empty());
    CHECK(one.files[i].brotli == other.files[i].brotli);
  }
}
