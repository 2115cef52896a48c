// What a program's libraries may ask of whatever runs the image.
//
// An image is entered in one of several ways (as a Linux process, by the sandbox tender, by a PVH boot).
// Each way fills in one `platform` table before `main()` and everything above uses that table alone, so
// no code above asks which target it is on. The calls here are the hot path: they never go through libc.
//
//   const auto& p = aster::abi::current_platform();
//   p.wait(p.monotonic() + 1'000'000);   // at most a millisecond, or until a device has something
#pragma once
#include <cstddef>
#include <cstdint>

#include "abi/net_device.hpp"

namespace aster::abi {

enum class target : std::uint8_t { process, sandbox, qemu };

constexpr const char* to_string(target t) {
  switch (t) {
    case target::process: return "process";
    case target::sandbox: return "sandbox";
    case target::qemu: return "qemu";
  }
  return "unknown";
}

/// A deadline that never comes, for `platform::wait`.
inline constexpr std::uint64_t never = ~std::uint64_t{0};

/// Exit codes that the platform gives itself; the rest are the program's own (`main`'s value, `exit`).
enum exit_code : int {
  exit_no_entropy = 78,      // refused to start: no source of entropy (sysexits.h EX_CONFIG)
  exit_bad_boot = 77,        // refused to start: the boot line or the memory given cannot be used
  exit_panic = 134,          // CPU exception, abort, failed hardening check (128 + SIGABRT)
  exit_out_of_memory = 137,  // memory given with -m is used up and nobody caught std::bad_alloc
  exit_shutdown = 143,       // asked to stop and the program had no way to be told (128 + SIGTERM)
};

struct platform {
  abi::target target;

  /// Nanoseconds since a fixed moment in the past (the same as CLOCK_MONOTONIC). Never goes back. No system
  /// call.
  std::uint64_t (*monotonic)() noexcept;

  /// Nanoseconds since 1970-01-01 UTC, by the host's clock.
  std::int64_t (*wall)() noexcept;

  /// Parks the calling thread until `deadline` (a `monotonic` time, or `never`), until an attached device
  /// has something to say, or until shutdown is asked for, whichever is first; it may also return for no
  /// reason. An event that happened before the call makes it return at once (no wake-up is ever lost).
  /// A deadline in the past makes it look at the devices once and return. A request to stop ends one wait,
  /// not the ones after it, so that a program that takes its time to stop sleeps meanwhile. Other threads run
  /// meanwhile; with none, the virtual CPU idles and burns nothing.
  void (*wait)(std::uint64_t deadline) noexcept;

  /// True from the moment the outside asked the image to stop (SIGTERM, ACPI power button).
  bool (*shutdown_requested)() noexcept;

  /// Fills [data, data+size) with cryptographically strong random bytes. Never fails: an image without a
  /// source of entropy has refused to start.
  void (*fill_entropy)(void* data, std::size_t size) noexcept;

  /// The network device that the manifest calls `name`; null when nothing is attached under that name.
  /// The device lives as long as the image. First call per device may initialise hardware.
  net_device* (*network)(const char* name) noexcept;

  /// Writes one line (without its newline) to whoever watches the image: `note` records of the control
  /// channel, or standard error where there is none. For warnings of the runtime itself.
  void (*note)(const char* text, std::size_t size) noexcept;

  /// Takes the next question of whoever runs the image (abi/control.hpp), from "ID" on and without its
  /// newline: its length, at most abi::question_limit; 0 when there is none. The first call says that there
  /// is somebody who answers, and from then on a question ends `wait`. Costs a look at a flag.
  std::size_t (*question)(char* out) noexcept;

  /// Sends one line (without its newline) to whoever runs the image: "answer …", "ready". Blocks meanwhile.
  void (*answer)(const char* text, std::size_t size) noexcept;
};

/// The table that the entry taken has filled in. Constant once `main` runs.
const platform& current_platform() noexcept;

/// What the fiber library tells the platform, for panics and traces. All may be null.
struct fiber_names {
  /// Name of the fiber that runs now; a string that lives until the next switch.
  const char* (*current)() noexcept = nullptr;
  /// Name of the fiber whose guard page holds `address`, or null: turns a page fault into "stack overflow".
  const char* (*guard_owner)(const void* address) noexcept = nullptr;
  /// Called from a signal handler every so many nanoseconds of CPU time, where the target can do so (process
  /// and sandbox), to find out whether a fiber has kept the CPU all that time.
  void (*tick)(std::uint64_t nanoseconds) noexcept = nullptr;
};
void set_fiber_names(const fiber_names& names) noexcept;

}  // namespace aster::abi
