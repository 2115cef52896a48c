// What holds an instance to its share of the machine, beside its target (the sandbox and QEMU give an image
// no more memory than -m says): a control group where one was delegated to the daemon, else what any process
// may set for itself.
//
// Delegated means: the daemon is in a group `daemon` below one that is its own, with the controllers cpu,
// memory and pids. systemd arranges that with Delegate= and DelegateSubgroup=daemon (254 or newer). Without a
// group a share of the processor is turned into a nice value, and a plain process has a limit to its data.
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace aster::host::galaxy {

struct allowance {
  std::uint64_t memory = 64u << 20;       // bytes, of the image
  std::optional<double> processor_share;  // of one processor
  bool plain_process = false;             // the image runs as one: nothing else limits its memory
};

class resource_limits {
 public:
  /// Finds out which. `groups`: where control groups are mounted; `own`: a file like /proc/self/cgroup.
  static resource_limits find(const std::filesystem::path& groups = "/sys/fs/cgroup",
                              const std::filesystem::path& own = "/proc/self/cgroup");

  /// For the log: what limits instances, and why not something better.
  const std::string& description() const { return description_; }
  bool by_group() const { return !group_.empty(); }

  /// Prepares limits for an instance. The function is to be called in the new process, and makes only system
  /// calls.
  std::expected<std::function<void()>, std::string> confine(std::string_view instance,
                                                            const allowance& a) const;
  /// Removes what was prepared, when the instance has ended.
  void release(std::string_view instance) const;

 private:
  std::filesystem::path group_;  // the parent of all instances' groups; empty: none
  std::string description_;
};

/// The nice value at which a process that competes with one other gets about that share of what it would get
/// alone.
int niceness(double share);

}  // namespace aster::host::galaxy
