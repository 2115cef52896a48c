#include "host/run/child.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <string>

namespace {

using namespace aster::host;

program shell(const std::string& script) {
  return {.path = "/bin/sh", .arguments = {"sh", "-c", script}, .environment = {}};
}

std::string read_all(int from) {
  std::string text;
  std::array<char, 512> bytes;
  for (ssize_t got; (got = read(from, bytes.data(), bytes.size())) > 0;)
    text.append(bytes.data(), static_cast<std::size_t>(got));
  return text;
}

TEST_CASE("a child's end is known, and its code") {
  auto c = start(shell("exit 7"));
  REQUIRE(c);
  const int status = c->wait();
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(c->poll() == status);
}

TEST_CASE("a program that cannot be started is an error, not a child") {
  const auto c = start({.path = "/nowhere/at/all", .arguments = {"x"}, .environment = {}});
  REQUIRE(!c);
  CHECK(c.error() == "/nowhere/at/all cannot be started: No such file or directory");
}

TEST_CASE("descriptors arrive under their numbers, also crosswise, and no other does") {
  int one[2], two[2];
  REQUIRE(pipe(one) == 0);  // not close-on-exec: as a careless parent leaves them
  REQUIRE(pipe(two) == 0);
  program what = shell("echo first >&3; echo second >&4; ls /proc/self/fd | tr '\\n' ' ' >&3");
  what.descriptors = {{one[1], 3}, {two[1], 4}};
  if (one[1] < two[1]) std::swap(what.descriptors[0].second, what.descriptors[1].second);
  auto c = start(what);
  REQUIRE(c);
  close(one[1]);
  close(two[1]);
  const std::string texts[] = {read_all(one[0]), read_all(two[0])};
  c->wait();
  const bool crossed = what.descriptors[0].second == 4;
  // `ls` itself opens one more to list them.
  CHECK(texts[crossed ? 1 : 0] == "first\n0 1 2 3 4 5 ");
  CHECK(texts[crossed ? 0 : 1] == "second\n");
  close(one[0]);
  close(two[0]);
}

TEST_CASE("nothing of our environment is inherited") {
  setenv("ASTER_TEST_SECRET", "1", 1);
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  program what = shell("echo [$ASTER_TEST_SECRET] [$GIVEN] >&3");
  what.environment = {"GIVEN=x"};
  what.descriptors = {{ends[1], 3}};
  auto c = start(what);
  REQUIRE(c);
  close(ends[1]);
  CHECK(read_all(ends[0]) == "[] [x]\n");
  close(ends[0]);
}

TEST_CASE("a child that is forgotten is ended") {
  pid_t pid = 0;
  {
    auto c = start(shell("exec sleep 1000"));
    REQUIRE(c);
    pid = c->pid();
    CHECK(kill(pid, 0) == 0);
  }
  CHECK(kill(pid, 0) == -1);
}

}  // namespace
