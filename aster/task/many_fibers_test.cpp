// 100,000 fibers asleep at once.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "aster/task.hpp"
#include "aster/task/fiber.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

constexpr int many = 100'000;

std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * 4096;
}

// Sleeps until `woken` is complete; returns the memory that one fiber took.
double sleep_all(std::vector<int>& woken, std::invocable<int> auto deadline) {
  woken.clear();
  woken.reserve(many);
  const std::size_t before = resident_bytes();
  task::scope s{"dormitory"};
  for (int i = 0; i < many; ++i) {
    s.spawn("sleeper", [&woken, &deadline, i] {
      task::sleep_until(deadline(i));
      woken.push_back(i);
    });
  }
  task::yield();  // all asleep
  CHECK(s.size() == many);
  const std::size_t after = resident_bytes();
  s.join();
  return static_cast<double>(after - before) / many;
}

void check_order(const std::vector<int>& woken, std::invocable<int> auto deadline) {
  REQUIRE(woken.size() == many);
  for (std::size_t i = 1; i < woken.size(); ++i) {
    const auto before = deadline(woken[i - 1]), after = deadline(woken[i]);
    if (before > after || (before == after && woken[i - 1] > woken[i])) {
      FAIL("fiber " << woken[i] << " woke out of turn");
    }
  }
}

}  // namespace

TEST_CASE("100,000 fibers sleep under virtual time in what their stacks need, and wake in order") {
  task::simulation world;
  std::vector<int> woken;
  // 1,000 different deadlines in a scattered order, each for 100 fibers.
  const auto deadline = [](int i) { return task::time_point{1s + (i * 7919ll % 1000) * 1ms}; };
  world.run([&] {
    const double bytes = sleep_all(woken, deadline);
    std::printf("memory per sleeping fiber: %.0f bytes (control block %zu)\n", bytes, sizeof(task::fiber));
#ifndef ASTER_TASK_ASAN
    CHECK(bytes < 4096 + 512);  // one page, its page table's share, its descriptor
#endif
  });
  check_order(woken, deadline);
  CHECK(world.now().time_since_epoch() < 3s);
}

TEST_CASE("100,000 fibers sleep by the platform's clock and wake in order") {
  std::vector<int> woken;
  const auto begin = task::now() + 3s;  // by when all are asleep
  const auto deadline = [begin](int i) { return begin + (i * 7919ll % 1000) * 100us; };
  static_cast<void>(sleep_all(woken, deadline));
  if (task::now() - begin < 60s) check_order(woken, deadline);
  CHECK(woken.size() == many);
}
