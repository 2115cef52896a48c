// Stands by while an image runs: passes on requests to stop, listens to the control channel, feeds QEMU's
// console, and comes back when the image has ended.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/run/child.hpp"
#include "host/run/control_listener.hpp"
#include "host/run/descriptor.hpp"
#include "host/run/instance.hpp"

namespace aster::host {

/// Blocks the signals that the supervisor answers, from its making on: what arrives before it listens is not
/// lost. Has to exist before the first child starts.
class stop_signals {
 public:
  stop_signals();
  int handle() const { return handle_.get(); }

 private:
  descriptor handle_;  // signalfd
};

/// Puts terminal modes and descriptor flags back as they were: QEMU changes both, and an image that crashed
/// may have left anything behind.
class console_guard {
 public:
  console_guard();
  ~console_guard();
  console_guard(const console_guard&) = delete;

 private:
  struct saved;
  saved* saved_;
};

/// Passes aster's standard input on to a program that takes the end of input as a byte (a serial console has
/// no other way; abi/control.hpp).
class input_relay {
 public:
  explicit input_relay(descriptor to) : to_(std::move(to)) {}

  /// What to poll for; -1: nothing. Reads only what it could pass on.
  int source() const { return pending_.empty() && !ended_ && !paused_ ? 0 : -1; }
  int sink() const { return pending_.empty() ? -1 : to_.get(); }

  void read_more();
  void write_more();
  /// After a stop and SIGCONT the terminal may be ours again.
  void resume() { paused_ = false; }

 private:
  descriptor to_;
  std::string pending_;
  bool ended_ = false;
  bool paused_ = false;  // in the background, where reading the terminal is refused
};

/// A program beside the image whose end before the image's is reported.
struct helper {
  child* process;
  std::string loss;  // what that means: "the user-mode network ended; the image goes on without it"
};

struct supervised {
  child image;                        // the process that is or contains the image
  descriptor control;                 // reading end of the control channel; may be empty
  std::optional<input_relay> input;   // QEMU's console
  std::function<void()> ask_to_stop;  // SIGTERM, or the power button
  bool ask_again = false;             // a machine that has not yet enabled its power button does not feel it
  descriptor monitor;                 // QEMU's: drained and otherwise ignored; may be empty
  std::vector<helper> helpers;
  instance* questions = nullptr;  // what others may ask about the image; may be null
};

struct ending {
  int status = 0;          // as waitpid(2) tells it
  int stopped_by = 0;      // signal that asked to stop, or 0
  bool forced = false;     // we killed it: a second SIGINT, or it did not stop in time
  bool timed_out = false;  // … the latter
};

/// Blocks until the image has ended and all that it said has been heard.
ending supervise(supervised& what, const stop_signals& signals, control_listener& listener);

}  // namespace aster::host
