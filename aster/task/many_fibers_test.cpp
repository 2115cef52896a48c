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

#ifdef ASTER_TASK_ASAN
constexpr int many = 10'000;  // with several pages of shadow and fake stack each
#else
constexpr int many = 100'000;
#endif

std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * 4096;
}

struct night {
  std::vector<int> woken;     // in this order
  double bytes_for_each = 0;  // memory that a sleeping fiber took
  task::time_point first_deadline;
  task::time_point all_asleep;  // by when
};

// Lets all sleep until their deadlines, which are counted from when all have been born.
night sleep_all(task::duration rest, task::duration (*after_rest)(int)) {
  night result;
  result.woken.reserve(many);
  const std::size_t before = resident_bytes();
  task::one_shot<task::time_point> all_born;
  task::scope s{"dormitory"};
  for (int i = 0; i < many; ++i) {
    s.spawn("sleeper", [&, i] {
      task::sleep_until(all_born.get() + after_rest(i));
      result.woken.push_back(i);
    });
  }
  task::yield();  // each has run and waits
  result.first_deadline = task::now() + rest;
  all_born.set(result.first_deadline);
  task::yield();  // each sleeps
  result.all_asleep = task::now();
  result.bytes_for_each = static_cast<double>(resident_bytes() - before) / many;
  CHECK(s.size() == many);
  s.join();
  return result;
}

// 1,000 different deadlines in a scattered order, each for many fibers.
task::duration scattered(int i) { return (i * 7919ll % 1000) * 100us; }

void check_order(const std::vector<int>& woken) {
  REQUIRE(woken.size() == many);
  for (std::size_t i = 1; i < woken.size(); ++i) {
    const auto before = scattered(woken[i - 1]), after = scattered(woken[i]);
    const bool in_order = before < after || (before == after && woken[i - 1] < woken[i]);
    if (!in_order) FAIL("fiber " << woken[i] << " woke out of turn");
  }
}

}  // namespace

TEST_CASE("100,000 fibers sleep under virtual time in what their stacks need, and wake in order") {
  task::simulation world;
  const night result = world.run([] { return sleep_all(1s, scattered); });
  check_order(result.woken);
  CHECK(world.now().time_since_epoch() == 1s + 999 * 100us);
  std::printf("memory of a sleeping fiber: %.0f bytes, its control block %zu of them\n",
              result.bytes_for_each, sizeof(task::fiber));
#ifndef ASTER_TASK_ASAN
  CHECK(result.bytes_for_each < 4096 + 128);  // one page, and its descriptor
#endif
}

TEST_CASE("100,000 fibers sleep by the platform's clock and wake in order") {
  task::set_hog_limit(0s);  // starting them all takes a while
  for (task::duration rest = 100ms;; rest *= 4) {
    const night result = sleep_all(rest, scattered);
    if (result.all_asleep > result.first_deadline)
      continue;  // a slow machine: some deadlines had come before
    check_order(result.woken);
    break;
  }
  task::set_hog_limit(100ms);
}
