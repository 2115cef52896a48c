#include "kernel/questions.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernel/boot_options.hpp"
#include "kernel/target.hpp"

namespace {

using namespace aster;
using namespace aster::kernel;

std::string arriving, told;

/// A channel with a host at its other end, which the test plays.
struct fixture {
  target_operations before = target;
  bool had_control = options().has_control;
  question_channel channel;

  fixture() {
    arriving.clear();
    told.clear();
    options().has_control = true;
    target.hear = [](char* out, std::size_t size) noexcept -> long {
      const std::size_t n = std::min({size, arriving.size(), std::size_t{50}});
      std::copy_n(arriving.begin(), n, out);
      arriving.erase(0, n);
      return static_cast<long>(n);
    };
    target.control = [](const char* text, std::size_t size) noexcept { told.append(text, size); };
    target.listen = nullptr;
  }
  ~fixture() {
    target = before;
    options().has_control = had_control;
  }

  /// All questions in what the host sends now. As the targets do it: it is said again while more is there.
  std::vector<std::string> asked(std::string_view text) {
    arriving += text;
    std::vector<std::string> all;
    char question[abi::question_limit];
    do {
      channel.arrived();
      while (const std::size_t size = channel.take(question)) all.emplace_back(question, size);
    } while (!arriving.empty());
    return all;
  }
};

TEST_CASE_FIXTURE(fixture, "whoever first wants to answer says so, once") {
  CHECK(!channel.is_watched());
  CHECK(asked("").empty());
  CHECK(channel.is_watched());
  CHECK(asked("").empty());
  CHECK(told == "answers\n");
}

TEST_CASE_FIXTURE(fixture, "where nobody listens nothing is said or heard") {
  options().has_control = false;
  char question[abi::question_limit];
  CHECK(channel.take(question) == 0);
  CHECK(!channel.is_watched());
  CHECK(told.empty());
}

TEST_CASE_FIXTURE(fixture, "questions are lines, however they are cut") {
  CHECK(asked("ask q1 sta").empty());
  CHECK(asked("ts\nask q2 sockets 5\nask q") == std::vector<std::string>{"q1 stats", "q2 sockets 5"});
  CHECK(asked("3 fibers\n") == std::vector<std::string>{"q3 fibers"});
}

TEST_CASE_FIXTURE(fixture, "what is no question, or too long for one, is passed over") {
  const std::string longest = "q " + std::string(abi::question_limit - 2, 'a');
  CHECK(asked("hello\n\nask " + longest + "\nask " + longest + "a\nask q1 stats\n") ==
        std::vector<std::string>{longest, "q1 stats"});
  CHECK(asked("ask " + std::string(1000, 'x') + "\nask q2 stats\n") == std::vector<std::string>{"q2 stats"});
}

TEST_CASE_FIXTURE(fixture, "a host that has gone is watched no longer") {
  CHECK(asked("").empty());
  target.hear = [](char*, std::size_t) noexcept -> long { return -1; };
  CHECK(asked("").empty());
  CHECK(!channel.is_watched());
}

TEST_CASE_FIXTURE(fixture, "an answer is one whole line, cut where it is too long") {
  answer("answer q1 end", 13);
  CHECK(told == "answer q1 end\n");
  told.clear();
  const std::string long_line(2 * abi::control_line_limit, 'a');
  answer(long_line.data(), long_line.size());
  CHECK(told == std::string(abi::control_line_limit - 2, 'a') + "\n");
}

}  // namespace
