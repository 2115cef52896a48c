// What a switch, a birth and a hop cost. Prints nanoseconds per operation: the best of several rounds, since
// everything else is the machine's doing.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "aster/task.hpp"

using namespace aster;

namespace {

template <class Function>
void measure(const char* what, int operations, Function&& round) {
  double best = 1e9;
  for (int i = 0; i < 9; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    round();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / operations);
  }
  std::printf("%-58s %7.1f ns\n", what, best);
}

void yields(int fibers, int each) {
  task::scope s;
  for (int i = 0; i < fibers; ++i) {
    s.spawn("yields", [each] {
      for (int n = 0; n < each; ++n) task::yield();
    });
  }
  s.join();
}

void hops(std::size_t capacity, int values) {
  task::channel<int> channel{capacity};
  task::scope s;
  s.spawn("consumer", [&] {
    while (channel.receive()) {
    }
  });
  for (int i = 0; i < values; ++i) static_cast<void>(channel.send(i));
  channel.close();
  s.join();
}

}  // namespace

int main() {
  constexpr int many = 200'000;
  measure("switch, 2 fibers in turn", many, [] { yields(2, many / 2); });
  measure("switch, 100 fibers in turn", many, [] { yields(100, many / 100); });
  measure("switch, 5,000 fibers in turn", many, [] { yields(5000, many / 5000); });
  measure("spawn and join, one at a time", many, [] {
    for (int i = 0; i < many; ++i) {
      task::scope s;
      s.spawn("child", [] {});
      s.join();
    }
  });
  measure("spawn and join, 1,000 at a time", many, [] {
    for (int i = 0; i < many / 1000; ++i) {
      task::scope s;
      for (int n = 0; n < 1000; ++n) s.spawn("child", [] {});
      s.join();
    }
  });
  measure("channel hop, capacity 0", many, [] { hops(0, many); });
  measure("channel hop, capacity 1", many, [] { hops(1, many); });
  measure("channel hop, capacity 64", many, [] { hops(64, many); });
  measure("deadline set and not reached", many, [] {
    for (int i = 0; i < many; ++i) static_cast<void>(task::within(std::chrono::seconds{5}, [] {}));
  });
  measure("cancel and unwind, 1,000 at a time", many / 10, [] {
    for (int i = 0; i < many / 10 / 1000; ++i) {
      task::scope s;
      for (int n = 0; n < 1000; ++n) s.spawn("sleeper", [] { task::sleep(std::chrono::hours{1}); });
      task::yield();
      s.cancel();
      s.join();
    }
  });
}
