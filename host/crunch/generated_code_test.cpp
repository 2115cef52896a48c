#include "host/crunch/generated_code.hpp"

#include <doctest/doctest.h>

using namespace aster::host::crunch;
namespace fs = std::filesystem;

namespace {

crunched_folder example(const fs::path& place) {
  source_tree tree;
  tree.files.push_back({"/a \"b\"\\.txt", place / "a", "hello"});
  tree.files.push_back({"/css/style.css", place / "css/style.css", std::string(1000, 'x')});
  tree.files.push_back({"/empty", place / "empty", ""});
  auto folder = crunch_tree(std::move(tree), "assets");
  REQUIRE(folder.has_value());
  return std::move(*folder);
}

}  // namespace

TEST_CASE("the code depends on names and contents alone") {
  const auto one = generate(example("/here")), other = generate(example("/there"));
  CHECK(one.header == other.header);
  CHECK(one.source == other.source);
  CHECK(one.bytes == other.bytes);
}

TEST_CASE("every byte is where the source says") {
  const auto folder = example("/");
  const auto code = generate(folder);
  const auto& style = folder.files[1];
  CHECK(code.bytes == "hello" + style.content + style.gzip + style.brotli);
  const auto size = style.content.size() + style.gzip.size() + style.brotli.size();
  CHECK(code.source.contains(".incbin \"assets.bin\", 0, 5\n"));
  CHECK(code.source.contains(".incbin \"assets.bin\", 5, " + std::to_string(size) + "\n"));
  CHECK(code.header.contains("extern const char aster_crunch_assets_1_style_css[" + std::to_string(size) +
                             "];"));
}

TEST_CASE("an empty file has no bytes, and names are written as literals") {
  const auto code = generate(example("/"));
  CHECK_FALSE(code.header.contains("extern const char aster_crunch_assets_2"));
  CHECK(code.header.contains(R"(.path = "/a \"b\"\\.txt")"));
  CHECK(code.header.contains("namespace assets::css {"));
}

TEST_CASE("a depfile escapes what Ninja and Make would read otherwise") {
  const fs::path sources[] = {"/site", "/site/a b#$.txt"};
  CHECK(depfile("/out/assets.hpp", sources) == "/out/assets.hpp: \\\n  /site \\\n  /site/a\\ b\\#$$.txt\n");
}
