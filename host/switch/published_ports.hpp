// Ports of the host that lead to ports of stations: whoever connects to one is connected to the other by the
// switch's own stack, so that an instance needs no way to the host, nor the host one to it.
//
//   published_ports ports{board};
//   if (const auto open = ports.publish({"127.0.0.1", 8080, 2, 80}); !open) complain(open.error());
#pragma once
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aster/task/scope.hpp"
#include "host/switch/switchboard.hpp"

namespace aster::host {

class published_ports {
 public:
  static constexpr std::size_t connection_limit = 4096;  // of one port; more wait to be accepted
  /// How long a connection waits for its station: one that is being replaced is back in a moment.
  static constexpr std::chrono::seconds patience{10};

  explicit published_ports(switchboard& board) : board_(board) {}
  published_ports(const published_ports&) = delete;

  /// An error is one line with the mend.
  std::expected<void, std::string> publish(const switch_control::publish& what);
  void unpublish(const std::string& address, std::uint16_t port);
  /// Closes what leads to a station that is no more.
  void forget(std::uint32_t station);

  std::vector<switch_control::publish> all() const;

 private:
  struct door;
  void serve(const std::shared_ptr<door>& d);
  void connect(door& d, descriptor client);

  switchboard& board_;
  std::map<std::pair<std::string, std::uint16_t>, std::shared_ptr<door>> doors_;
  task::scope fibers_{"published ports"};
};

}  // namespace aster::host
