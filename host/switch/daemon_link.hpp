// The connection to the daemon: orders come in and are done, events go out. There may be none, for as long as
// it takes; a new daemon replaces the old one.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aster/task/scope.hpp"
#include "host/fibers/socket_listener.hpp"
#include "host/switch/control_message.hpp"
#include "host/switch/published_ports.hpp"
#include "host/switch/switchboard.hpp"

namespace aster::host {

class daemon_link {
 public:
  static constexpr std::size_t untold_limit = 8u << 20;  // bytes that a daemon leaves unread
  static constexpr std::size_t probe_limit = 1024;       // under way

  /// Tells the daemon, if there is one. Does not park.
  void tell(const switch_control::event& e);

  /// Accepts daemons and does what they order, until the fiber is cancelled. `end` is called for the order to
  /// end.
  void serve(socket_listener& listening, switchboard& board, published_ports& ports,
             const std::function<void()>& end);

 private:
  struct connection;
  struct desk {
    switchboard& board;
    published_ports& ports;
    const std::function<void()>& end;
    task::scope& probes;
  };
  void serve_one(const std::shared_ptr<connection>& c, desk& with);
  void perform(std::string_view line, desk& with);
  void perform(const switch_control::order& what, desk& with);

  std::shared_ptr<connection> current_;
};

}  // namespace aster::host
