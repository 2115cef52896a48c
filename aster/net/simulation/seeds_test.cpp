// Two of our stacks over an adversarial wire, in virtual time: every stream arrives byte for byte or fails
// cleanly, and at the end nothing is left.
//
//   net_simulation_test                  300 seeds
//   net_simulation_test --seeds=10000    so many, from the first on
//   net_simulation_test --seed=17        this one alone, with all that is to be told of it
//   net_simulation_test --seed=17 --trace    … and every segment
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "aster/net/simulation/world.hpp"

namespace {

std::uint64_t seeds = 300;
std::optional<std::uint64_t> only;
bool traces = false;

}  // namespace

TEST_CASE("streams over a bad wire arrive byte for byte, or fail cleanly") {
  std::size_t completed = 0, failed = 0;
  for (std::uint64_t seed = only.value_or(1); seed <= only.value_or(seeds); ++seed) {
    aster::net::simulation::world world{aster::net::simulation::make_plan(seed), seed};
    if (traces) world.trace([](const std::string& line) { std::puts(line.c_str()); });
    world.run();
    if (only) std::fputs(world.account().c_str(), stdout);
    for (const std::string& what : world.complaints())
      FAIL_CHECK(what << " (again by --seed=" << seed << ")");
    completed += world.completed();
    failed += world.failed();
  }
  MESSAGE(completed, " ends of streams completed, ", failed, " failed cleanly");
  if (!only) CHECK(completed > 5 * failed);
}

int main(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word{words[i]};
    if (word.starts_with("--seed=")) only = std::strtoull(words[i] + 7, nullptr, 10);
    if (word.starts_with("--seeds=")) seeds = std::strtoull(words[i] + 8, nullptr, 10);
    if (word == "--trace") traces = true;
  }
  return doctest::Context{count, words}.run();
}
