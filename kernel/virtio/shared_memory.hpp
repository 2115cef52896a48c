// How a driver touches memory that a device reads and writes at the same moment.
//
// Every such access of a queue goes through one of these three, so that their order is explicit and a test
// can put a device's steps, and a processor's store buffer, between any two of them (interleaving_test.cpp).
#pragma once
#include <atomic>

namespace aster::kernel::virtio {

struct direct_memory {
  /// Nothing that comes later in the program happens before this load.
  template <class T>
  T load(const T& where) const noexcept {
    return std::atomic_ref<T>(const_cast<T&>(where)).load(std::memory_order_acquire);
  }

  /// Everything that comes earlier in the program happens before this store.
  template <class T>
  void store(T& where, T value) const noexcept {
    std::atomic_ref<T>(where).store(value, std::memory_order_release);
  }

  /// Stores before it are visible to the device before any load after it is made. x86 lets a load overtake
  /// an earlier store, so "announce, then look again" needs this.
  void fence() const noexcept { std::atomic_thread_fence(std::memory_order_seq_cst); }
};

}  // namespace aster::kernel::virtio
