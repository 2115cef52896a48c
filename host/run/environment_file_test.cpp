#include "host/run/environment_file.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>

using namespace aster::host;
using namespace std::string_literals;

namespace {
struct written {
  explicit written(std::string_view text) {
    char name[] = "/tmp/aster-env-XXXXXX";
    folder = mkdtemp(name);
    std::ofstream{folder / "f", std::ios::binary} << text;
  }
  ~written() { std::filesystem::remove_all(folder); }
  auto read() const { return read_environment_file(folder / "f"); }
  std::filesystem::path folder;
};
}  // namespace

TEST_CASE("variables stand on lines, or each before a NUL byte") {
  CHECK(written("A=1\n\n# no\nB=x=y\nC=").read().value() == std::vector<std::string>{"A=1", "B=x=y", "C="});
  CHECK(written("A=1\nB=2\0#C=3\0"s).read().value() == std::vector<std::string>{"A=1\nB=2", "#C=3"});
  CHECK(written("").read().value().empty());
}

TEST_CASE("what is no variable is told by its line, and never shown") {
  const auto wrong = written("A=1\nsecret\n").read();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().contains("line 2"));
  CHECK_FALSE(wrong.error().contains("secret"));
  CHECK_FALSE(written("=x").read());
  CHECK(written("A=1\0B\0"s).read().error().contains("entry 2"));
  CHECK_FALSE(written(std::string(2u << 20, 'x')).read());
  CHECK_FALSE(read_environment_file("/no/such/file"));
}
