// A program that aster has started: it never outlives aster, and is never forgotten.
#pragma once
#include <sys/types.h>

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/run/descriptor.hpp"

namespace aster::host {

struct program {
  std::filesystem::path path;
  std::vector<std::string> arguments;    // its own name first
  std::vector<std::string> environment;  // all of it: nothing is inherited
  std::vector<std::pair<int, int>>
      descriptors{};               // {ours, the child's}; 0, 1 and 2 are inherited, all others closed
  bool own_group = false;          // out of reach of the terminal's signals
  bool ignore_interrupts = false;  // SIGINT and SIGHUP: aster answers Ctrl-C, with SIGTERM
};

class child {
 public:
  child(child&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), handle_(std::move(other.handle_)), status_(other.status_) {}
  child& operator=(child&&) = delete;
  /// Ends it (SIGKILL) if it still runs.
  ~child();

  pid_t pid() const { return pid_; }

  /// A descriptor that becomes readable when the child has ended.
  int handle() const { return handle_.get(); }

  /// Sends a signal, unless it has ended.
  void send(int signal) const;

  /// How it ended, as waitpid(2) tells it; nothing while it runs.
  std::optional<int> poll();

  /// Blocks until it has ended.
  int wait();

 private:
  friend std::expected<child, std::string> start(const program& what);
  child(pid_t pid, descriptor handle) : pid_(pid), handle_(std::move(handle)) {}

  pid_t pid_;
  descriptor handle_;  // pidfd: it names this child even after its number was given to another
  std::optional<int> status_;
};

/// Starts a program with no signal blocked. It is killed when aster dies, whatever aster dies of.
std::expected<child, std::string> start(const program& what);

/// A program that lies beside aster itself, or in ../libexec/asterism where it was installed.
std::expected<std::filesystem::path, std::string> find_own_program(std::string_view name);

}  // namespace aster::host
