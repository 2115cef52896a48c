#include "aster/task/hog.hpp"

#include "aster/task/scheduler.hpp"

namespace aster::task {

void set_hog_limit(duration limit) noexcept { scheduler::current().set_hog_limit(limit); }

duration hog_limit() noexcept { return scheduler::current().hog_limit(); }

void hog_tick(duration period) noexcept {
  if (scheduler* const s = scheduler::existing()) s->hog_tick(period);
}

}  // namespace aster::task
