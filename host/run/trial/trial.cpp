// An image for the tests of `aster run`: does what its first argument says.
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <print>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

namespace {

[[gnu::noinline]] void write_null(volatile int* where) { *where = 1; }

[[gnu::noinline]] int crash() {
  write_null(nullptr);
  return 0;
}

/// libc++'s hardening stops it.
[[gnu::noinline]] int beyond_the_end(std::size_t index) {
  const std::vector<int> one(1);
  return one[index];
}

int copy_input() {
  char bytes[512];
  for (std::size_t got; (got = std::fread(bytes, 1, sizeof bytes, stdin)) > 0;)
    std::fwrite(bytes, 1, got, stdout);
  return 0;
}

int show(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) std::println("argument {}", argv[i]);
  for (char** variable = environ; *variable != nullptr; ++variable) std::println("variable {}", *variable);
  return 0;
}

/// Sleeps for ever; only a request to stop ends it.
int sleep_on() {
  std::println("sleeping");
  std::fflush(stdout);
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1000));
}

/// Never comes to a point where it could hear a request.
int spin() {
  std::println("spinning");
  std::fflush(stdout);
  for (volatile unsigned i = 0;; i = i + 1) {
  }
}

int fill_memory() {
  std::vector<std::vector<char>> all;
  try {
    for (;;) all.emplace_back(1 << 20, 'x');
  } catch (const std::bad_alloc&) {
    std::println("bad_alloc");
    std::fflush(stdout);
    throw;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "exit") return std::atoi(argv[2]);
  if (what == "crash") return crash();
  if (what == "overrun") return beyond_the_end(static_cast<std::size_t>(argc));
  if (what == "throw") throw std::runtime_error("oops");
  if (what == "copy") return copy_input();
  if (what == "show") return show(argc, argv);
  if (what == "sleep") return sleep_on();
  if (what == "spin") return spin();
  if (what == "fill") return fill_memory();
  if (what == "socket") return socket(AF_INET, SOCK_STREAM, 0) < 0 ? 3 : 0;
  if (what == "fork") return fork() < 0 ? 3 : 0;
  std::println("nothing to do");
  return 2;
}
