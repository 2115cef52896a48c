// A limit on how much of something is in use at once.
//
//   task::semaphore uploads{8};
//   uploads.acquire();                   // parks while eight are under way
//   upload(file);
//   uploads.release();
//
// Units are granted strictly in the order of the requests: one for many units is not overtaken by later ones
// for few, so it does not starve.
#pragma once
#include <cstddef>

#include "aster/task/wait_queue.hpp"

namespace aster::task {

class semaphore {
 public:
  explicit semaphore(std::size_t units) noexcept : available_{units} {}

  /// Parks until `n` units are granted. Throws `cancelled`; then none were taken.
  void acquire(std::size_t n = 1);

  /// Takes `n` units if they are there and nobody waits.
  [[nodiscard]] bool try_acquire(std::size_t n = 1) noexcept;

  /// Gives `n` units, taken before or new. Never switches.
  void release(std::size_t n = 1) noexcept;

  [[nodiscard]] std::size_t available() const noexcept { return available_; }

 private:
  void grant() noexcept;

  std::size_t available_;
  wait_queue waiting_{"a semaphore"};
};

}  // namespace aster::task
