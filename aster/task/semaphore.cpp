#include "aster/task/semaphore.hpp"

namespace aster::task {

void semaphore::acquire(std::size_t n) {
  checkpoint();
  if (try_acquire(n)) return;
  try {
    waiting_.wait(&n);
  } catch (...) {
    grant();  // those behind may want less than this one did
    throw;
  }
}

bool semaphore::try_acquire(std::size_t n) noexcept {
  if (!waiting_.empty() || available_ < n) return false;
  available_ -= n;
  return true;
}

void semaphore::release(std::size_t n) noexcept {
  available_ += n;
  grant();
}

void semaphore::grant() noexcept {
  while (const auto* wanted = static_cast<const std::size_t*>(waiting_.front_offer())) {
    if (*wanted > available_) return;
    available_ -= *wanted;
    waiting_.notify_one();
  }
}

}  // namespace aster::task
