#include "aster/task/mutex.hpp"

#include <stdexcept>

#include "aster/task/scheduler.hpp"

namespace aster::task {

void mutex::lock() {
  scheduler& s = scheduler::current();
  s.checkpoint();
  fiber& self = s.running();
  if (holder_ == nullptr) {
    holder_ = &self;
    return;
  }
  if (holder_ == &self) throw std::logic_error("a fiber locks a mutex that it holds");
  waiting_.wait();  // `unlock` has made this fiber the holder
}

bool mutex::try_lock() noexcept {
  if (holder_ != nullptr) return false;
  holder_ = &scheduler::current().running();
  return true;
}

void mutex::unlock() noexcept {
  holder_ = waiting_.front();
  waiting_.notify_one();
}

}  // namespace aster::task
