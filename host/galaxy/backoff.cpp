#include "host/galaxy/backoff.hpp"

#include <algorithm>

namespace aster::host::galaxy {

std::chrono::nanoseconds backoff(const restart_policy& policy, unsigned failures, std::uint64_t random) {
  std::chrono::nanoseconds whole = policy.first;
  for (unsigned i = 1; i < failures && whole < policy.most; ++i) whole *= 2;
  whole = std::min<std::chrono::nanoseconds>(whole, policy.most);
  const auto half = whole.count() / 2;
  return std::chrono::nanoseconds(
      half + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(whole.count() - half + 1)));
}

}  // namespace aster::host::galaxy
