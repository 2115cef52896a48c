// The ring that the tender made (abi::sandbox_ring), for reads and writes of devices that are done when the
// call returns.
//
//   ring.read(device, memory);                 // up to ring.capacity() of them and of writes
//   ring.submit();                             // one system call, and all of them are done
//   ring.completed([](long result) { … });     // what came of each, in that order
//
// Everything in it is non-blocking (RWF_NOWAIT), so nothing stays under way: where Linux would have to wait,
// the result is -EAGAIN.
#pragma once
#include <linux/io_uring.h>
#include <sys/uio.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "abi/sandbox.hpp"
#include "kernel/linux_call.hpp"

namespace aster::kernel {

class frame_ring {
 public:
  /// `place.entries` is not 0. `descriptor` is the ring's.
  explicit frame_ring(const abi::sandbox_ring& place, int descriptor = abi::ring_descriptor) noexcept
      : place_(place),
        descriptor_(descriptor),
        tail_(word(place.submission_tail).load(std::memory_order_relaxed)) {}

  std::size_t capacity() const noexcept { return place_.submission_mask + 1; }

  /// Queues one; at most `capacity()` before `submit`. `device` counts from the first one. The memory is used
  /// until then.
  void read(std::size_t device, std::span<std::byte> memory) noexcept {
    queue(IORING_OP_READ, device, memory.data(), memory.size());
  }
  void write(std::size_t device, std::span<const std::byte> memory) noexcept {
    queue(IORING_OP_WRITE, device, memory.data(), memory.size());
  }

  /// Has Linux do what is queued. False: it took nothing or only a part (a ring that was not restricted as
  /// ours is, no memory), and what it did not take is forgotten.
  bool submit() noexcept {
    word(place_.submission_tail).store(tail_, std::memory_order_release);
    const long taken = linux_call(SYS_io_uring_enter, descriptor_, static_cast<long>(queued_), 0, 0);
    const bool all = taken == static_cast<long>(queued_);
    if (!all) {
      tail_ -= static_cast<std::uint32_t>(queued_ - (taken > 0 ? static_cast<std::size_t>(taken) : 0));
      word(place_.submission_tail).store(tail_, std::memory_order_release);
    }
    queued_ = 0;
    return all;
  }

  /// Calls `done(result)` for everything that was submitted, in that order; results are as those of read and
  /// write. (Linux completes in the order of submission what it need not wait for.)
  template <class Function>
  void completed(Function&& done) noexcept {
    std::uint32_t head = word(place_.completion_head).load(std::memory_order_relaxed);
    const std::uint32_t end = word(place_.completion_tail).load(std::memory_order_acquire);
    const auto* const all = reinterpret_cast<const io_uring_cqe*>(place_.completions);
    for (; head != end; ++head) {
      const io_uring_cqe& one = all[head & place_.completion_mask];
      done(static_cast<long>(one.res));
    }
    word(place_.completion_head).store(head, std::memory_order_release);
  }

 private:
  void queue(std::uint8_t what, std::size_t device, const std::byte* memory, std::size_t size) noexcept {
    const std::uint32_t index = tail_++ & place_.submission_mask;
    io_uring_sqe& entry = reinterpret_cast<io_uring_sqe*>(place_.entries)[index];
    entry = {};
    entry.opcode = what;
    entry.flags = IOSQE_FIXED_FILE;
    entry.fd = static_cast<std::int32_t>(device);
    entry.addr = reinterpret_cast<std::uint64_t>(memory);
    entry.len = static_cast<std::uint32_t>(size);
    entry.rw_flags = RWF_NOWAIT;
    reinterpret_cast<std::uint32_t*>(place_.submission_array)[index] = index;
    ++queued_;
  }
  static std::atomic_ref<std::uint32_t> word(std::uint64_t address) noexcept {
    return std::atomic_ref{*reinterpret_cast<std::uint32_t*>(address)};
  }

  abi::sandbox_ring place_;
  int descriptor_;
  std::uint32_t tail_;
  std::size_t queued_ = 0;
};

}  // namespace aster::kernel
