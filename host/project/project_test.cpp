#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>

#include "host/project/build_project.hpp"
#include "host/project/new_project.hpp"
#include "host/project/subprocess.hpp"

using namespace aster::host;
namespace fs = std::filesystem;

namespace {

/// A folder that is gone at the end of the test.
struct scratch {
  fs::path path;
  scratch() {
    std::string pattern = (fs::temp_directory_path() / "aster-project-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~scratch() { fs::remove_all(path); }
};

std::string content_of(const fs::path& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

struct heard {
  std::vector<std::string> steps, diagnostics;
  build_observer observer() {
    return {[this](unsigned done, unsigned all, std::string_view step) {
              steps.push_back(std::to_string(done) + "/" + std::to_string(all) + " " + std::string{step});
            },
            [this](std::string_view line) { diagnostics.emplace_back(line); }};
  }
};

}  // namespace

TEST_CASE("a name that a folder, a target and a file can bear is accepted") {
  for (const char* name : {"hello", "a", "my-server", "Shop_2"}) CHECK(check_project_name(name).has_value());
  for (const char* name : {"", "-x", "2go", "a b", "a/b", "../x", "größe", "a.b", "x;y"}) {
    CAPTURE(name);
    CHECK(check_project_name(name).error().contains("cannot be a project's name; use letters"));
  }
  CHECK_FALSE(check_project_name(std::string(65, 'a')).has_value());
  for (const char* name : {"test", "all", "build", "aster_net", "aster-seal"}) {
    CAPTURE(name);
    CHECK(check_project_name(name).error().contains("the build uses it itself"));
  }
}

TEST_CASE("a new project bears its name in every file, and no mark is left") {
  for (const auto kind : {project_template::hello, project_template::server, project_template::web}) {
    const scratch folder;
    REQUIRE(make_project(kind, folder.path, "vega").has_value());
    CHECK(content_of(folder.path / "vega/CMakeLists.txt").contains("asterism_image(vega main.cpp)"));
    CHECK(content_of(folder.path / "vega/.gitignore") == "/build/\n");
    for (const auto& entry : fs::recursive_directory_iterator{folder.path}) {
      if (entry.is_regular_file()) CHECK_FALSE(content_of(entry.path()).contains("@NAME@"));
    }
  }
}

TEST_CASE("nothing that is there is overwritten") {
  const scratch folder;
  std::ofstream{folder.path / "vega"} << "precious";
  const auto refused = make_project(project_template::hello, folder.path, "vega");
  REQUIRE_FALSE(refused.has_value());
  CHECK(content_of(folder.path / "vega") == "precious");
  fs::create_directory(folder.path / "lyra");
  CHECK(make_project(project_template::hello, folder.path, "lyra").error().contains("is there already"));
  CHECK(fs::is_empty(folder.path / "lyra"));
}

TEST_CASE("where nothing can be written it says so") {
  CHECK(make_project(project_template::hello, "/nonexistent", "vega").error().contains("cannot be made"));
}

TEST_CASE("a tool's lines come as they are, with its exit code") {
  std::vector<std::string> lines;
  const std::string words[] = {"sh", "-c", "echo one; echo two >&2; printf three; exit 7"};
  const auto code = run_tool(words, {}, [&](std::string_view line) { lines.emplace_back(line); });
  CHECK(code == 7);
  CHECK(lines == std::vector<std::string>{"one", "two", "three"});
}

TEST_CASE("a tool that a signal ends, and one that is not there") {
  const std::string killed[] = {"sh", "-c", "kill -TERM $$"};
  CHECK(run_tool(killed, {}, [](std::string_view) {}) == 128 + 15);
  const std::string absent[] = {"ninja-that-is-not-there"};
  CHECK(run_tool(absent, {}, [](std::string_view) {}).error().contains("is not installed"));
}

TEST_CASE("variables reach a tool in place of our own") {
  ::setenv("ASTER_TEST", "old", 1);
  std::string seen;
  const std::string words[] = {"sh", "-c", "echo $ASTER_TEST"};
  const std::pair<std::string, std::string> variables[] = {{"ASTER_TEST", "new"}};
  CHECK(run_tool(words, variables, [&](std::string_view line) { seen = line; }) == 0);
  CHECK(seen == "new");
  ::unsetenv("ASTER_TEST");
}

TEST_CASE("of Ninja's output only steps and complaints are passed on") {
  heard h;
  const build_observer observer = h.observer();
  ninja_output output{observer, false};
  for (const char* line :
       {"ninja: Entering directory `build'", "-- Configuring done", "[1/3] Building CXX object a.o",
        "\x1b[31mFAILED: \x1b[0mCMakeFiles/b.dir/b.o ", "/usr/bin/clang++ -c b.cpp", "b.cpp:1:1: error: no",
        "1 error generated.", "[2/3] Building CXX object c.o", "c.cpp:2:2: warning: odd", "[x] what",
        "ninja: build stopped: subcommand failed.", "ninja: error: loading 'build.ninja'"}) {
    output.line(line);
  }
  CHECK(h.steps == std::vector<std::string>{"1/3 Building CXX object a.o", "2/3 Building CXX object c.o"});
  CHECK(h.diagnostics == std::vector<std::string>{"b.cpp:1:1: error: no", "1 error generated.",
                                                  "c.cpp:2:2: warning: odd", "[x] what",
                                                  "ninja: error: loading 'build.ninja'"});
}

TEST_CASE("a folder without a project is not built") {
  const scratch folder;
  heard h;
  CHECK(build_project({.folder = folder.path}, h.observer())
            .error()
            .contains("has no CMakeLists.txt; make a project"));
  CHECK(find_project_image(folder.path).error().contains("is no project"));
}
