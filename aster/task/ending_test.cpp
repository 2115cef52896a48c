// How programs that go wrong, or are told to stop, come to their end: each in a process of its own.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <concepts>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

bool leaves_things_behind = false;

}  // namespace

// Asked by LeakSanitizer, where the test is built with it: what these programs leave behind is the point.
extern "C" int __lsan_is_turned_off() { return leaves_things_behind; }

namespace {

struct ending {
  int status;
  std::string errors;  // what it wrote to standard error
  [[nodiscard]] bool says(std::string_view text) const { return errors.find(text) != std::string::npos; }
  [[nodiscard]] bool failed() const { return !WIFEXITED(status) || WEXITSTATUS(status) != 0; }
};

// Runs `program` in a child process, which then exits with 0.
ending end_of(std::invocable auto program) {
  std::array<int, 2> channel{};
  REQUIRE(::pipe(channel.data()) == 0);
  std::cout.flush();  // or the child would say it again
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(channel[1], 2);
    ::close(channel[0]);
    ::close(channel[1]);
    ::signal(SIGABRT, SIG_DFL);  // doctest has its own
    leaves_things_behind = true;
    program();
    std::exit(0);
  }
  ::close(channel[1]);
  ending result{};
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; (n = ::read(channel[0], buffer.data(), buffer.size())) > 0;) {
    result.errors.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(channel[0]);
  REQUIRE(::waitpid(child, &result.status, 0) == child);
  return result;
}

}  // namespace

TEST_CASE("a queue that is destroyed while a fiber waits in it ends the program with the fiber's name") {
  const ending end = end_of([] {
    task::scope s;
    auto queue = std::make_unique<task::wait_queue>("an answer");
    s.spawn("client", [&] { queue->wait(); });
    task::yield();
    queue.reset();
  });
  CHECK(end.failed());
  CHECK(end.says("fiber 'client' still waits for an answer that is being destroyed"));
}

TEST_CASE("a deadlock that the root cannot be told of ends the program with the names") {
  const ending end = end_of([] {
    task::simulation world;
    world.run([] {
      const task::shield undisturbed;
      task::wait_queue queue{"godot"};
      queue.wait();
    });
  });
  CHECK(end.failed());
  CHECK(end.says("deadlock: 'root' waits for godot"));
}

TEST_CASE("a simulation that ends before its fibers ends the program with their names") {
  const ending end = end_of([] {
    task::simulation world;
    task::scope* leaked = nullptr;
    world.run([&] {
      leaked = new task::scope{"leaked"};
      leaked->spawn("Robinson", [] { task::sleep(1h); });
      leaked->spawn("Friday", [] { task::sleep(1h); });
      task::yield();
    });
  });
  CHECK(end.failed());
  CHECK(end.says("fibers left behind at the end: 'Robinson', 'Friday'"));
}

TEST_CASE("a fiber that destroys the scope it runs in ends the program with its name") {
  const ending end = end_of([] {
    auto scope = std::make_unique<task::scope>("branch");
    scope->spawn("saw", [&] { scope.reset(); });
    task::yield();
  });
  CHECK(end.failed());
  CHECK(end.says("fiber 'saw' destroys the scope that it runs in"));
}

TEST_CASE("fibers that are alive when the program exits are reported by name") {
  const ending end = end_of([] {
    auto* const leaked = new task::scope{"leaked"};
    for (int i = 0; i < 10; ++i) leaked->spawn("lost " + std::to_string(i), [] { task::sleep(1h); });
    task::yield();
  });
  CHECK_FALSE(end.failed());
  CHECK(end.says("fibers left behind at the end: 'lost 0', 'lost 1'"));
  CHECK(end.says("'lost 7' and 2 more"));
}

TEST_CASE("exit in a fiber names those that it leaves behind") {
  const ending end = end_of([] {
    task::scope s;
    s.spawn("quits", [] { std::exit(3); });
    s.join();
  });
  CAPTURE(end.errors);
  CHECK(WEXITSTATUS(end.status) == 3);
  CHECK(end.says("'quits'"));
}

TEST_CASE("an orderly program ends without a word") {
  const ending end = end_of([] {
    task::scope s;
    s.spawn("child", [] { task::sleep(1ms); });
    s.join();
  });
  CHECK_FALSE(end.failed());
  CHECK(end.errors == "");
}

TEST_CASE("each thread has fibers of its own") {
  int ended = 0;
  std::thread other{[&] {
    CHECK(task::current_name() == "thread");
    task::scope s;
    for (int i = 0; i < 100; ++i) {
      s.spawn("child", [&] {
        task::sleep(1ms);
        ++ended;
      });
    }
    s.join();
  }};
  CHECK(task::current_name() == "main");
  other.join();
  CHECK(ended == 100);
}

TEST_CASE("fibers that are alive when their thread ends are reported by name") {
  const ending end = end_of([] {
    std::thread{[] {
      auto* const leaked = new task::scope{"leaked"};
      leaked->spawn("lost", [] { task::sleep(1h); });
      task::yield();
    }}.join();
  });
  CAPTURE(end.errors);
  CHECK_FALSE(end.failed());
  CHECK(end.says("fibers left behind at the end: 'lost'"));
}

TEST_CASE("in a thread, where no shutdown is heard, a deadlock ends the program") {
  const ending end = end_of([] {
    std::thread{[] {
      task::one_shot<int> answer;
      static_cast<void>(answer.get());
    }}.join();
  });
  CHECK(end.failed());
  CHECK(end.says("deadlock: 'thread' waits for a one-shot"));
}
