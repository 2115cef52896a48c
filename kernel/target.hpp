// What the shared parts of the kernel (threads, system calls, panics) ask of the target underneath.
//
// One table, filled in by the entry that was taken, before anything shared runs. `abi::platform` is what
// programs see; this is what the kernel sees.
#pragma once
#include <cstddef>
#include <cstdint>

#include "abi/platform.hpp"

namespace aster::kernel {

struct target_operations {
  abi::target kind;

  /// Sleeps until `deadline` (monotonic ns), an event of an attached device, console input if
  /// `want_console`, or a shutdown request. Race-free: an event before the call makes it return at once.
  /// Deadline 0 looks at the devices and never sleeps; it may lose the vector registers.
  void (*idle)(std::uint64_t deadline, bool want_console) noexcept;

  std::uint64_t (*monotonic)() noexcept;
  std::int64_t (*wall)() noexcept;
  void (*fill_entropy)(void* data, std::size_t size) noexcept;

  /// Writes to the console: `descriptor` 1 or 2. Blocks until all is out.
  void (*write)(int descriptor, const char* text, std::size_t size) noexcept;
  /// Takes console input; 0 when none is there now, -1 at its end.
  long (*read)(char* out, std::size_t size) noexcept;
  /// Writes a piece of a control line; dropped when nobody listens.
  void (*control)(const char* text, std::size_t size) noexcept;

  /// Takes what has arrived on the control channel, without waiting: bytes; 0, none; -1, no more will come.
  /// Called when `questions().arrived()` was. Null: nothing can arrive there.
  long (*hear)(char* out, std::size_t size) noexcept;
  /// From now on something that arrives there ends `idle`. Null where `idle` looks at
  /// `questions().is_watched()`.
  void (*listen)() noexcept;

  /// From now on calls `fibers.tick` in a signal handler every `nanoseconds` of CPU time. Null: it cannot.
  void (*start_tick)(std::uint64_t nanoseconds) noexcept;

  /// The running thread, 1 being the main one.
  unsigned (*thread_number)() noexcept;

  void (*set_thread_pointer)(std::uint64_t value) noexcept;
  /// Stores and loads the vector state around a switch of threads (64-byte aligned, `thread::vectors`). Null
  /// where a signal frame holds it.
  void (*save_vectors)(std::uint8_t* to) noexcept;
  void (*load_vectors)(const std::uint8_t* from) noexcept;
  void (*exit)(int code) noexcept;  // never returns

  /// Pages of the address space: see memory/address_space.hpp. `protection` is PROT_* without PROT_EXEC.
  long (*protect)(std::uint64_t begin, std::uint64_t end, int protection) noexcept;
  void (*discard)(std::uint64_t begin, std::uint64_t end) noexcept;
  long (*guard)(std::uint64_t begin, std::uint64_t end, bool install) noexcept;
};

/// Filled in once by the entry.
extern constinit target_operations target;

[[noreturn]] inline void leave(int code) noexcept {
  target.exit(code);
  __builtin_unreachable();
}

/// Where the image lies, for panics and for protections.
struct image_extent {
  std::uint64_t base = 0;
  std::uint64_t size = 0;
};
extern constinit image_extent image;

}  // namespace aster::kernel
