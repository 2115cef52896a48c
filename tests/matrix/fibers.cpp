// Many fibers (1,000, or as many as the first argument says): asleep at once, woken in the order of their
// deadlines, passing values, cancelled. Prints one line per thing that held; ends with 1 at the first that
// did not.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "aster/task.hpp"

using namespace aster;
using namespace std::chrono_literals;

namespace {

void expect(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  if (!holds) std::exit(1);
}

void asleep_at_once(std::size_t count) {
  std::vector<std::uint32_t> order;
  order.reserve(count);
  std::size_t asleep = 0, most = 0;
  {
    task::scope sleepers{"sleepers"};
    // Deadlines against the order of birth, far enough off that all are born before the first wakes.
    const auto base = task::now() + std::chrono::microseconds{200'000 + 20 * count};
    for (std::size_t i = 0; i < count; ++i) {
      sleepers.spawn("sleeper", [&, i] {
        ++asleep;
        most = asleep > most ? asleep : most;
        task::sleep_until(base - std::chrono::microseconds{i});
        --asleep;
        order.push_back(static_cast<std::uint32_t>(i));
      }, {.stack_size = 16 * 1024});
    }
    expect(sleepers.size() == count, "all fibers were born");
    sleepers.join();
  }
  expect(most == count, "all fibers were asleep at once");
  bool in_order = order.size() == count;
  for (std::size_t i = 0; i < order.size(); ++i) in_order = in_order && order[i] == count - 1 - i;
  expect(in_order, "they woke in the order of their deadlines");
}

void passing_values(std::size_t count) {
  std::vector<std::unique_ptr<task::channel<std::size_t>>> links;
  for (std::size_t i = 0; i <= count; ++i) links.push_back(std::make_unique<task::channel<std::size_t>>(1));
  task::scope chain{"chain"};
  for (std::size_t i = 0; i < count; ++i) {
    chain.spawn("link", [&, i] {
      while (auto value = links[i]->receive())
        if (!links[i + 1]->send(*value + 1)) return;
      links[i + 1]->close();
    }, {.stack_size = 16 * 1024});
  }
  std::size_t sum = 0;
  for (std::size_t value = 0; value < 3; ++value) {
    if (!links.front()->send(value)) std::exit(1);
    sum += links.back()->receive().value_or(0);
  }
  links.front()->close();
  chain.join();
  expect(sum == 3 * count + 3, "values passed through a chain of them");
}

void cancelled_all(std::size_t count) {
  std::size_t unwound = 0;
  struct counts {
    std::size_t& counter;
    ~counts() { ++counter; }
  };
  {
    task::scope waiting{"waiting"};
    for (std::size_t i = 0; i < count; ++i) {
      waiting.spawn("waits", [&] {
        counts on_the_way_out{unwound};
        task::sleep(1h);
      }, {.stack_size = 16 * 1024});
    }
    task::yield();
  }
  expect(unwound == count, "all unwound when their scope ended");
}

}  // namespace

int main(int count, char** words) {
  std::size_t fibers = 1000;
  if (count > 1) std::from_chars(words[1], words[1] + std::strlen(words[1]), fibers);
  asleep_at_once(fibers);
  passing_values(fibers);
  cancelled_all(fibers);
  std::puts("all");
}
