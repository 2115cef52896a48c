// A running galaxy as others see it: what there is, what has happened, and what may be asked of it.
//
//   const galaxy_status now = galaxy.status();
//   for (const service_status& s : now.services) std::println("{} {}", s.name, json::name_of(s.state));
//   if (const auto done = galaxy.scale("shortener", 3); !done) say(done.error().text);
//
// The API (host/galaxy/api) is written against this alone, and shows the types here as they are: a member's
// name is its name in JSON. What lies behind it starts instances and remembers.
#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aster/task/clock.hpp"

namespace aster::host::galaxy {

enum class service_state : std::uint8_t {
  asleep,      // no instance, and none is needed: the first request wakes it
  starting,    // the first instance is not well yet
  well,        // at least one instance is
  unwell,      // instances run, and none is well
  crash_loop,  // instances end again and again; the next start waits
  stopped,     // by `down`, or because what it needs is not there
};

enum class instance_state : std::uint8_t {
  starting,  // runs, and has not been well yet
  well,
  unwell,
  draining,  // gets no new request; ends when those it has are answered
  stopping,  // was asked to end
  ended,     // waits to be started again
};

struct instance_status {
  std::string name;  // "shortener-1"
  instance_state state = instance_state::starting;
  std::string address;            // "10.77.0.7"
  std::int64_t pid = 0;           // of its `aster run`; 0: there is none
  std::int64_t started = 0;       // seconds since 1970
  unsigned version = 0;           // of the deployment it runs
  unsigned restarts = 0;          // since it was well the last time
  std::uint64_t memory = 0;       // bytes resident, `aster run` and all it started included
  double processor = 0;           // seconds, likewise
  std::uint64_t outstanding = 0;  // requests
};

struct service_status {
  std::string name;
  service_state state = service_state::asleep;
  unsigned wanted = 0;  // instances
  unsigned fewest = 0, most = 1;
  std::string image;
  std::vector<std::string> paths;  // that the edge gives to it: "/s", "chat.example/…"
  unsigned version = 0;            // of the deployment that is wanted
  std::uint64_t requests = 0;      // since the edge was started
  std::uint64_t failed = 0;        // … answered with 5xx by it or for it
  std::uint64_t waiting = 0;       // now, for an instance
  std::vector<std::string> reaches;
  std::vector<instance_status> instances;
  std::string why;  // it is not well; empty: it is
};

struct galaxy_status {
  std::string name;
  std::string file;                      // its galaxy.toml
  std::string url;                       // of the edge
  std::string page;                      // of the star map; without its token
  std::vector<service_status> services;  // the edge first
  std::uint64_t last_event = 0;          // its number
};

/// Something that happened. `kind` is a word of a fixed list: started, well, unwell, ended, crashed,
/// restarting, crash_loop, woken, asleep, scaled, draining, deploying, deployed, rolled_back, failed,
/// adopted, stopped, changed.
struct event {
  std::uint64_t number = 0;  // counts up by one, over restarts of the daemon as well
  std::int64_t time = 0;     // milliseconds since 1970
  std::string kind;
  std::string service;   // empty: the galaxy
  std::string instance;  // empty: the service
  std::string text;      // one line, for people
};

enum class deployment_state : std::uint8_t { rolling, live, replaced, failed, rolled_back };

struct deployment {
  unsigned version = 0;   // from 1
  std::int64_t time = 0;  // milliseconds since 1970
  std::string image;
  deployment_state state = deployment_state::rolling;
  std::string why;  // it failed
};

/// Why something that was asked for is not done.
struct refusal {
  enum class kind : std::uint8_t {
    unknown,   // there is no such service or instance
    invalid,   // what was asked makes no sense
    conflict,  // not now: another deployment is under way, …
    failed,    // it was tried
  };
  kind what = kind::failed;
  std::string text;  // one line
};

template <class T = void>
using outcome = std::expected<T, refusal>;

class galaxy {
 public:
  virtual ~galaxy() = default;

  virtual galaxy_status status() const = 0;

  /// Events after number `after`, oldest first, at most `limit`.
  virtual std::vector<event> events(std::uint64_t after, std::size_t limit) const = 0;
  /// Parks until there is an event after number `after`, or `deadline`.
  virtual void await_event(std::uint64_t after, task::time_point deadline) = 0;
  /// Parks until something that `status` shows may have changed, or `deadline`.
  virtual void await_change(task::time_point deadline) = 0;

  /// Ends instances one after the other and starts new ones. Returns at once: events tell the rest.
  virtual outcome<> restart(std::string_view service) = 0;
  /// Keeps this many instances from now on; nothing: as many as requests need, again.
  virtual outcome<> scale(std::string_view service, std::optional<unsigned> instances) = 0;
  /// Replaces instances by such of another image, each only once the new one is well; back when one is not.
  /// Returns the version at once.
  virtual outcome<unsigned> deploy(std::string_view service, const std::filesystem::path& image) = 0;
  /// Deploys the version that was live before.
  virtual outcome<unsigned> rollback(std::string_view service) = 0;
  virtual outcome<std::vector<deployment>> deployments(std::string_view service) const = 0;

  /// Reads galaxy.toml again and does what has changed in it.
  virtual outcome<> reload() = 0;
  /// Ends all instances, the edge and the switch, and then the daemon. Returns at once.
  virtual void take_down() = 0;

  /// Where the instance's console is written, and a FIFO that its console reads.
  virtual outcome<std::filesystem::path> log_of(std::string_view instance) const = 0;
  virtual outcome<std::filesystem::path> console_of(std::string_view instance) const = 0;
};

}  // namespace aster::host::galaxy
