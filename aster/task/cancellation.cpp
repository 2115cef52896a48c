#include "aster/task/cancellation.hpp"

#include "aster/task/scheduler.hpp"

namespace aster::task {

cancel_region::cancel_region(kind k)
    : fiber_{&scheduler::current().running()},
      outer_{fiber_->innermost},
      exceptions_{fiber_->home.exceptions_in_flight()},
      kind_{k} {
  outer_->inner_ = this;
  fiber_->innermost = this;
}

cancel_region::cancel_region(fiber& of) noexcept : fiber_{&of}, exceptions_{0} { of.innermost = this; }

cancel_region::~cancel_region() {
  if (fiber_ == nullptr || outer_ == nullptr) return;  // its fiber has ended, or is ending with it
  outer_->inner_ = inner_;
  (inner_ != nullptr ? inner_->outer_ : fiber_->innermost) = outer_;
  if (requested_) fiber_->look_again();
}

void cancel_region::request(const std::exception_ptr* reason) noexcept {
  requested_ = true;
  reason_ = reason;
  if (fiber_ == nullptr) return;
  fiber_->interruptible = true;
  if (fiber_->now != fiber::state::parked) return;
  if (fiber_->asked(fiber_->saved.exceptions.in_flight) != nullptr) {
    fiber_->home.wake(*fiber_, wake_reason::interrupted);
  }
}

void cancel_region::withdraw() noexcept {
  requested_ = seen_ = false;
  reason_ = nullptr;
  if (fiber_ != nullptr) fiber_->look_again();
}

bool cancel_region::requested_outside() const noexcept {
  for (const cancel_region* r = outer_; r != nullptr && r->kind_ != kind::shield; r = r->outer_) {
    if (r->requested_ && exceptions_ <= r->exceptions_) return true;
  }
  return false;
}

void checkpoint() {
  if (scheduler* const s = scheduler::existing()) s->checkpoint();
}

}  // namespace aster::task
