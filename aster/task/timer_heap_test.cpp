#include "aster/task/timer_heap.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "aster/task/simulation.hpp"

using namespace aster;

namespace {

task::time_point at(std::int64_t n) { return task::time_point{task::duration{n}}; }

}  // namespace

TEST_CASE("timers come out in the order of their deadlines, equal ones in the order of insertion") {
  task::timer_heap heap;
  task::timer timers[6];
  const std::int64_t deadlines[] = {30, 10, 20, 10, 30, 10};
  for (int i = 0; i < 6; ++i) {
    timers[i].deadline = at(deadlines[i]);
    heap.insert(timers[i]);
  }
  CHECK(heap.next_deadline() == at(10));
  CHECK(heap.take_due(at(9)) == nullptr);
  for (const int expected : {1, 3, 5, 2, 0, 4}) CHECK(heap.take_due(at(30)) == &timers[expected]);
  CHECK(heap.empty());
  CHECK(heap.next_deadline() == task::never);
}

TEST_CASE("a removed timer does not come out and can be inserted again") {
  task::timer_heap heap;
  task::timer a, b;
  a.deadline = at(1);
  b.deadline = at(2);
  heap.insert(a);
  heap.insert(b);
  heap.remove(a);
  CHECK_FALSE(a.armed());
  CHECK(heap.next_deadline() == at(2));
  a.deadline = at(3);
  heap.insert(a);
  CHECK(heap.take_due(at(9)) == &b);
  CHECK(heap.take_due(at(9)) == &a);
  CHECK(heap.take_due(at(9)) == nullptr);
}

TEST_CASE("random insertions and removals agree with a sorted list") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    task::simulation random{seed};
    task::timer_heap heap;
    std::vector<task::timer> timers(200);
    std::vector<task::timer*> sorted;  // by deadline, then by insertion
    for (int step = 0; step < 5000; ++step) {
      task::timer& t = timers[random.random() % timers.size()];
      if (t.armed()) {
        heap.remove(t);
        std::erase(sorted, &t);
      } else {
        t.deadline = at(static_cast<std::int64_t>(random.random() % 50));
        heap.insert(t);
        const auto later = [&](const task::timer* other) { return other->deadline > t.deadline; };
        sorted.insert(std::find_if(sorted.begin(), sorted.end(), later), &t);
      }
      if (random.random() % 8 == 0 && !sorted.empty()) {
        REQUIRE(heap.take_due(task::never) == sorted.front());
        sorted.erase(sorted.begin());
      }
      REQUIRE(heap.next_deadline() == (sorted.empty() ? task::never : sorted.front()->deadline));
    }
    for (task::timer* const expected : sorted) REQUIRE(heap.take_due(task::never) == expected);
    CHECK(heap.empty());
  }
}
