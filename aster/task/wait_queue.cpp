#include "aster/task/wait_queue.hpp"

#include "aster/task/message.hpp"
#include "aster/task/scheduler.hpp"

namespace aster::task {

wait_queue::~wait_queue() {
  if (first_ == nullptr) return;
  first_->home.give_up(
      (message{} << "fiber '" << first_->name << "' still waits for " << what_ << " that is being destroyed")
          .view());
}

void wait_queue::wait(void* offer) { scheduler::current().park_or_throw(this, offer, never, what_); }

bool wait_queue::wait_until(time_point deadline, void* offer) {
  return scheduler::current().park_or_throw(this, offer, deadline, what_) == wake_reason::notified;
}

void wait_queue::notify_one() noexcept {
  if (first_ != nullptr) first_->home.wake(*first_, wake_reason::notified);
}

void wait_queue::notify_all() noexcept {
  while (first_ != nullptr) notify_one();
}

void* wait_queue::front_offer() const noexcept { return first_ != nullptr ? first_->offer : nullptr; }

void wait_queue::push(fiber& f) noexcept {
  f.next = nullptr;
  f.previous = last_;
  (last_ != nullptr ? last_->next : first_) = &f;
  last_ = &f;
}

void wait_queue::remove(fiber& f) noexcept {
  (f.previous != nullptr ? f.previous->next : first_) = f.next;
  (f.next != nullptr ? f.next->previous : last_) = f.previous;
}

}  // namespace aster::task
