// Who holds the CPU too long.
//
// Fibers take turns only where they park. One that computes for a second makes every client wait a second,
// and nothing in the program shows it. So a fiber that ran longer than a limit without a switch is named at
// its next switch by the platform's `note`, at most once a second each:
//
//   fiber 'thumbnail' held the CPU for 312 ms
//
// Nothing is said while there is no other fiber that could have run.
#pragma once
#include "aster/task/clock.hpp"

namespace aster::task {

/// How long a fiber may run; zero switches the detector off. Default 100 ms; under a `simulation`, off.
void set_hog_limit(duration limit) noexcept;
[[nodiscard]] duration hog_limit() noexcept;

/// For a platform with a timer signal: call it from the handler every `period` in the thread that runs
/// fibers. It names a fiber that does not switch at all, once per such stretch and limit. Safe in a signal
/// handler as far as the platform's `note` is.
void hog_tick(duration period) noexcept;

}  // namespace aster::task
