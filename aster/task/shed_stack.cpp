#include "aster/task/shed_stack.hpp"

#include "aster/task/scheduler.hpp"

namespace aster::task {

void shed_stack() noexcept {
  scheduler* const s = scheduler::existing();
  if (s != nullptr) s->shed_soon(s->running());
}

}  // namespace aster::task
