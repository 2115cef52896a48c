// The way out of a galaxy: one `aster-usernet`, started when the first frame wants to go there, which turns
// connections into ordinary sockets of the host.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "aster/net/address.hpp"
#include "aster/task/clock.hpp"
#include "aster/task/scope.hpp"
#include "host/run/child.hpp"
#include "host/switch/plug.hpp"

namespace aster::host {

class world {
 public:
  /// `take` gets each message that comes from there and `taken` is called behind each batch; neither may
  /// park. Fibers run in `fibers`, which ends before this does.
  world(net::ipv4_interface own, task::scope& fibers, frame_room& room,
        std::function<void(std::span<std::byte>)> take, std::function<void()> taken);
  ~world();

  /// Where frames for the world go; null where it cannot be reached now. Does not park: what is given to it
  /// before the program runs waits for it.
  plug* reach();

 private:
  bool start();
  void carry();

  net::ipv4_interface own_;
  task::scope& fibers_;
  frame_room& room_;
  std::function<void(std::span<std::byte>)> take_;
  std::function<void()> taken_;
  std::optional<child> process_;
  std::unique_ptr<plug> plug_;
  task::time_point again_{};  // when it may be started again
};

}  // namespace aster::host
