#include "host/crunch/source_tree.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

using namespace aster::host::crunch;
namespace fs = std::filesystem;

namespace {

/// A folder that is gone at the end of the test.
struct scratch {
  fs::path path;
  scratch() {
    std::string pattern = (fs::temp_directory_path() / "aster-crunch-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    fs::create_directory(path / "site");
  }
  ~scratch() { fs::remove_all(path); }
  fs::path site() const { return path / "site"; }
  void write(const std::string& name, std::string_view content = "content") const {
    fs::create_directories((site() / name).parent_path());
    std::ofstream{site() / name} << content;
  }
  std::vector<std::string> paths(bool with_hidden = false) const {
    const auto tree = read_source_tree(site(), with_hidden);
    REQUIRE_MESSAGE(tree.has_value(), tree.error());
    std::vector<std::string> all;
    for (const auto& file : tree->files) all.push_back(file.path);
    return all;
  }
  std::string refusal() const {
    const auto tree = read_source_tree(site(), false);
    REQUIRE_FALSE(tree.has_value());
    CHECK_FALSE(tree.error().contains('\n'));
    return tree.error();
  }
};

using paths = std::vector<std::string>;

}  // namespace

TEST_CASE("files come in the order of their paths, with their contents") {
  const scratch folder;
  folder.write("b/z.txt", "1");
  folder.write("b.txt", "2");
  folder.write("a.txt", "3");
  folder.write("größe ä.txt", "4");
  folder.write("empty", "");
  const auto tree = read_source_tree(folder.site(), false);
  REQUIRE(tree.has_value());
  CHECK(folder.paths() == paths{"/a.txt", "/b.txt", "/b/z.txt", "/empty", "/größe ä.txt"});
  CHECK(tree->files[0].content == "3");
  CHECK(tree->files[2].content == "1");
  CHECK(tree->files[3].content.empty());
  CHECK(tree->directories == std::vector<fs::path>{folder.site(), folder.site() / "b"});
}

TEST_CASE("hidden files and backups are taken when they are asked for") {
  const scratch folder;
  folder.write("a.txt");
  folder.write("a.txt~");
  folder.write(".env");
  folder.write(".git/config");
  CHECK(folder.paths() == paths{"/a.txt"});
  CHECK(folder.paths(true) == paths{"/.env", "/.git/config", "/a.txt", "/a.txt~"});
}

TEST_CASE("links are followed inside of the directory, and nowhere else") {
  const scratch folder;
  folder.write("real/a.txt");
  fs::create_symlink("real/a.txt", folder.site() / "b.txt");
  fs::create_directory_symlink("real", folder.site() / "alias");
  CHECK(folder.paths() == paths{"/alias/a.txt", "/b.txt", "/real/a.txt"});

  std::ofstream{folder.path / "secret"} << "secret";
  fs::create_symlink("../secret", folder.site() / "c.txt");
  CHECK(folder.refusal().contains("c.txt is a link that leads out of the directory"));
  fs::remove(folder.site() / "c.txt");
  fs::create_directory(folder.path / "site-2");  // begins like ours
  fs::create_directory_symlink("../site-2", folder.site() / "c");
  CHECK(folder.refusal().contains("leads out of the directory"));
  fs::remove(folder.site() / "c");
  fs::create_symlink("nowhere", folder.site() / "c");
  CHECK(folder.refusal().contains("the link leads nowhere"));
}

TEST_CASE("a link that leads back is refused and not followed for ever") {
  const scratch folder;
  folder.write("a/b/c.txt");
  fs::create_directory_symlink("../..", folder.site() / "a/b/up");
  CHECK(folder.refusal().contains("a/b/up leads back to"));
}

TEST_CASE("the directory itself may be reached by a link") {
  const scratch folder;
  folder.write("a.txt");
  fs::create_directory_symlink("site", folder.path / "link");
  CHECK(read_source_tree(folder.path / "link", false)->files.size() == 1);
}

TEST_CASE("names that no URL or no build can hold are refused") {
  const scratch folder;
  folder.write("\xff.txt");
  CHECK(folder.refusal().contains("\\xff.txt has a name that is not UTF-8"));
  fs::remove(folder.site() / "\xff.txt");
  folder.write("a\nb.txt");
  CHECK(folder.refusal().contains("a\\x0ab.txt has control characters in its name"));
}

TEST_CASE("what is no file is refused") {
  const scratch folder;
  CHECK(folder.refusal().contains("has no file to crunch"));
  folder.write(".hidden");
  CHECK(folder.refusal().contains("hidden files count with --hidden"));
  REQUIRE(::mkfifo((folder.site() / "pipe").c_str(), 0600) == 0);
  CHECK(folder.refusal().contains("pipe is neither a file nor a directory"));
  CHECK(read_source_tree(folder.site() / "nowhere", false)
            .error()
            .contains("nowhere cannot be read: No such file"));
  folder.write("a.txt");
  CHECK(read_source_tree(folder.site() / "a.txt", false).error().contains("is not a directory"));
  CHECK(read_file(folder.site()).error().contains("cannot be read: Is a directory"));
}

TEST_CASE("UTF-8 is told from what only looks like it") {
  for (const char* text : {"", "a", "ä", "€", "😀", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"})
    CHECK(is_utf8(text));
  for (const char* text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xed\xa0\x80",
                           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "a\xff"}) {
    CHECK_FALSE(is_utf8(text));
  }
}
