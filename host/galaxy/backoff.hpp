// How long to wait before something that fails is tried again.
//
// The wait doubles with each failure, up to a limit; a random part keeps many that failed together from
// coming back together.
#pragma once
#include <chrono>
#include <cstdint>

#include "host/galaxy/declaration.hpp"

namespace aster::host::galaxy {

/// The wait after `failures` in a row (at least 1): between half and all of policy.first · 2^(failures - 1),
/// which is at most policy.most. `random`: any number, evenly distributed.
std::chrono::nanoseconds backoff(const restart_policy& policy, unsigned failures, std::uint64_t random);

}  // namespace aster::host::galaxy
