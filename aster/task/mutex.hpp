// One fiber at a time, also across blocking calls.
//
// Fibers switch only where they park, so what happens between two blocking calls needs no lock. A mutex is
// for what must stay together *around* a blocking call, such as a request and its answer on one connection.
//
//   std::lock_guard alone{connection.mutex};
//   connection.write(request);           // parks
//   return connection.read();            // parks
#pragma once
#include "aster/task/wait_queue.hpp"

namespace aster::task {

class mutex {
 public:
  mutex() = default;

  /// Parks until the mutex is this fiber's. Fibers get it in the order in which they came: nobody overtakes.
  /// Throws `cancelled`, and std::logic_error when this fiber holds it already.
  void lock();

  /// Takes it if it is free.
  [[nodiscard]] bool try_lock() noexcept;

  /// Hands it to the fiber that waits longest. Only the fiber that holds it may call this. Never switches.
  void unlock() noexcept;

 private:
  fiber* holder_ = nullptr;
  wait_queue waiting_{"a mutex"};
};

}  // namespace aster::task
