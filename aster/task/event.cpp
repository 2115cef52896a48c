#include "aster/task/event.hpp"

#include "aster/task/scheduler.hpp"

namespace aster::task {

void wait_for_event(time_point deadline) { scheduler::current().wait_for_event(deadline); }

void raise_event() noexcept {
  if (scheduler* const s = scheduler::existing()) s->raise_event();
}

before_wait::before_wait(void (*call)(void*), void* argument)
    : call_{call}, argument_{argument}, scheduler_{&scheduler::current()} {
  scheduler_->add_hook(*this);
}

before_wait::~before_wait() { scheduler_->remove_hook(*this); }

bool stopping() noexcept {
  scheduler* const s = scheduler::existing();
  return (s != nullptr ? s->world() : platform_driver()).shutdown_requested();
}

}  // namespace aster::task
