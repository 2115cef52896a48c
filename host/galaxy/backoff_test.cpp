#include "host/galaxy/backoff.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using aster::host::galaxy::backoff;
using aster::host::galaxy::restart_policy;

TEST_CASE("the wait doubles, and its random part is at most half of it") {
  const restart_policy policy{.when = {}, .first = 100ms, .most = 30s};
  for (unsigned failures = 1; failures <= 8; ++failures) {
    const auto whole = 100ms * (1 << (failures - 1));
    CHECK(backoff(policy, failures, 0) == whole / 2);
    for (std::uint64_t chance = 1; chance != 0; chance *= 7919) {
      const auto wait = backoff(policy, failures, chance);
      CHECK(wait >= whole / 2);
      CHECK(wait <= whole);
      if (chance > 1'000'000'000'000'000) break;
    }
  }
}

TEST_CASE("the wait has a limit, however often something failed") {
  const restart_policy policy{.when = {}, .first = 100ms, .most = 30s};
  CHECK(backoff(policy, 10, 0) == 15s);
  CHECK(backoff(policy, 4'000'000'000u, 0) == 15s);
  CHECK(backoff(policy, 4'000'000'000u, ~0ull) <= 30s);
}

TEST_CASE("waits of many that failed at once are spread") {
  const restart_policy policy{.when = {}, .first = 10s, .most = 10s};
  CHECK(backoff(policy, 1, 1'000'000'007) != backoff(policy, 1, 2'000'000'011));
}
