// What a scheduler needs from outside: a clock, and a way to wait for the world.
//
// The default is the platform (abi/platform.hpp). A `simulation` puts virtual time there, and a test may put
// whatever shows the scheduler's behaviour.
#pragma once
#include <string_view>

#include "aster/task/clock.hpp"

namespace aster::task {

class driver {
 public:
  virtual time_point now() noexcept = 0;

  /// Looks at the devices; then, if nothing is there, waits until `deadline` (which may be `never` or past),
  /// a device event or shutdown. May return early.
  virtual void wait(time_point deadline) noexcept = 0;

  virtual bool shutdown_requested() noexcept = 0;

  /// Writes one line for whoever watches.
  virtual void note(std::string_view line) noexcept = 0;

  /// Whether time passes only in `wait`: then the scheduler looks at devices again before it lets it pass,
  /// and a state that no time can change is an error.
  [[nodiscard]] virtual bool time_is_virtual() const noexcept { return false; }

 protected:
  ~driver() = default;
};

/// The platform's clock and devices.
driver& platform_driver() noexcept;

}  // namespace aster::task
