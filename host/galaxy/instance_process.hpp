// A process that outlives the daemon which started it: an instance's `aster run`, or the switch.
//
//   auto p = instance_process::prepare({.path = aster, .arguments = {…}, .log = logs / "shop-1.log"});
//   memory.write("shop-1", p->identity());         // written before it runs
//   p->go();
//
// It is there before it runs: it waits for `go`, and is gone when the daemon is killed before that. So
// whoever comes after knows of each that runs. It has a session of its own, out of reach of the daemon's
// terminal.
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/galaxy/record.hpp"
#include "host/run/descriptor.hpp"

namespace aster::host::galaxy {

struct launch {
  std::filesystem::path path;
  std::vector<std::string> arguments;  // its own name first
  std::filesystem::path
      console{};              // a FIFO that is its standard input; made when it is not there. Empty: none
  std::filesystem::path log;  // what it says is appended to it
  std::string secrets{};      // NAME=VALUE, each ended by a NUL byte, on descriptor 3; empty: none
  std::function<void()>
      confine{};  // called in the process before it is another's; may only make system calls
};

class instance_process {
 public:
  static constexpr int secrets_descriptor = 3;

  static std::expected<instance_process, std::string> prepare(const launch& what);
  /// One that an earlier daemon has started. Nothing when it has ended, even when another process has its
  /// number now.
  static std::optional<instance_process> adopt(process_identity who);

  process_identity identity() const { return identity_; }
  /// Lets it run.
  void go();
  /// Instead of `go`: it ends, having done nothing.
  void abandon();
  /// Unless it has ended.
  void send(int signal) const;
  /// A pidfd: readable when it has ended.
  int handle() const { return handle_.get(); }
  /// How it has ended: its exit code, or 128 and the signal. Nothing when that is not known, because it was
  /// another's child. To be called when `handle` is readable.
  std::optional<int> reap();

 private:
  instance_process(process_identity who, descriptor handle, descriptor gate)
      : identity_(who), handle_(std::move(handle)), gate_(std::move(gate)) {}
  process_identity identity_;
  descriptor handle_;
  descriptor gate_;  // it waits for a byte from here
};

/// When a process was started, as its identity has it; nothing when there is none.
std::optional<std::uint64_t> birth_of(std::int64_t pid);

/// What the process and all that it has started use now.
struct process_usage {
  std::uint64_t memory = 0;  // bytes resident
  double processor = 0;      // seconds
};
process_usage usage_of(std::int64_t pid);

}  // namespace aster::host::galaxy
