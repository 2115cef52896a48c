#include "host/galaxy/api/log_tail.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>
#include <vector>

using namespace aster::host::galaxy;

namespace {

struct folder {
  folder() {
    char name[] = "/tmp/log-tail-XXXXXX";
    path = mkdtemp(name);
  }
  ~folder() { std::filesystem::remove_all(path); }
  void append(const std::string& text) const { std::ofstream{path / "log", std::ios::app} << text; }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("the last lines of a log, and what is written behind them") {
  const folder here;
  log_tail log{here.path / "log"};
  CHECK(log.history(10).empty());
  CHECK(log.more().empty());
  here.append("one\ntwo\nthree\nfour");
  CHECK(log.more() == "one\ntwo\nthree\nfour");
  CHECK(log.more().empty());
  CHECK(log_tail{here.path / "log"}.history(2) == "three\nfour");
  here.append("\n");
  CHECK(log_tail{here.path / "log"}.history(2) == "three\nfour\n");
  CHECK(log_tail{here.path / "log"}.history(4) == "one\ntwo\nthree\nfour\n");
  CHECK(log_tail{here.path / "log"}.history(9) == "one\ntwo\nthree\nfour\n");
  CHECK(log_tail{here.path / "log"}.history(0).empty());

  log_tail later{here.path / "log"};
  CHECK(later.history(0).empty());
  here.append("five\n");
  CHECK(later.more() == "five\n");
}

TEST_CASE("a log that is cut, or replaced, is read from its beginning") {
  const folder here;
  here.append("a long line\n");
  log_tail log{here.path / "log"};
  CHECK(log.history(1) == "a long line\n");
  std::filesystem::resize_file(here.path / "log", 0);
  here.append("new\n");
  CHECK(log.more() == "new\n");
  here.append("rest\n");
  std::filesystem::rename(here.path / "log", here.path / "old");
  here.append("another file, and a longer one\n");
  CHECK(log.more() == "rest\n");
  CHECK(log.more() == "another file, and a longer one\n");
}

TEST_CASE("of a log larger than the limit whole lines are shown") {
  const folder here;
  std::string line(1000, 'x');
  line += '\n';
  for (int i = 0; i < 1200; ++i) here.append(line);
  const std::string all = log_tail{here.path / "log"}.history(100'000);
  CHECK(all.size() <= log_tail::history_limit);
  CHECK(all.size() % line.size() == 0);
  CHECK(log_tail{here.path / "log"}.history(3).size() == 3 * line.size());
}

TEST_CASE("pieces become lines") {
  std::vector<std::string> lines;
  line_splitter splitter;
  const auto feed = [&](std::string_view text) {
    splitter.feed(text, [&](std::string_view l) { lines.emplace_back(l); });
  };
  feed("on");
  CHECK(lines.empty());
  feed("e\n\ntwo\r\nthr");
  CHECK(lines == std::vector<std::string>{"one", "", "two"});
  feed("ee\n");
  CHECK(lines.back() == "three");
  lines.clear();
  feed(std::string(line_splitter::line_limit * 2 + 5, 'x'));
  CHECK(lines.size() == 2);
  feed("\n");
  CHECK(lines.back() == "xxxxx");
}
