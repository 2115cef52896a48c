// A program for main_test.sh: fibers that work until they are told to stop, and say how each ends.
//
//   stop_program            works until SIGTERM
//   stop_program throw      fails by an exception that nobody catches
//   stop_program cancel     throws `cancelled` though nobody asked it to stop
//   stop_program return     returns 7
//   stop_program overflow   overflows the stack of a fiber
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

struct says_goodbye {
  const char* who;
  ~says_goodbye() {
    task::sleep(1ms);
    std::printf("%s unwound\n", who);
  }
};

// Not a tail call, and no frame that leaps over the guard page.
[[gnu::noinline]] int recurse(int depth) {
  std::array<volatile char, 256> frame;
  frame[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : recurse(depth + 1) + frame[0];
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string_view how = argc > 1 ? argv[1] : "";
  if (how == "throw") throw std::runtime_error("nobody catches this");
  if (how == "cancel") throw task::cancelled{};
  if (how == "return") return 7;
  if (how == "overflow") {
    task::scope s;
    s.spawn("bottomless", [] { static_cast<void>(recurse(0)); });
    s.join();
  }
  const says_goodbye mine{"main"};
  task::scope s{"workers"};
  for (const char* const name : {"one", "two"}) {
    s.spawn(name, [name] {
      const says_goodbye its{name};
      for (;;) task::sleep(1h);
    });
  }
  s.spawn("announces", [] { std::puts("working"); });
  s.join();
}
