// A name on the local network that nobody has to configure: multicast DNS.
//
//   net::stack stack{service};
//   net::local_name me{stack, "shop", {{.type = "_http._tcp", .port = 80}}};
//   // http://shop.local/ works in every browser on this network, and the shop is in the list of those that
//   browse
//
// A fiber claims the name, answers for it while this lives, and takes leave at the end. If another machine
// has it, the name becomes shop-2.local, and so on. The other way round, `stack.resolve("shop.local")` asks
// the network instead of a server; that needs no name of one's own.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aster/net/local_service.hpp"

namespace aster::net {

class stack;

class local_name {
 public:
  /// Begins to claim `label`.local as soon as the stack has an address; does not block. The stack must
  /// outlive this. Throws std::invalid_argument for a label (1–63 bytes) or service type that can be none,
  /// and std::runtime_error when UDP port 5353 is taken.
  local_name(stack& on, std::string_view label, std::vector<local_service> services = {});

  /// Takes leave, so that others forget the name at once. Blocks shortly.
  ~local_name();
  local_name(const local_name&) = delete;
  local_name& operator=(const local_name&) = delete;

  /// Parks until the name is ours, which takes a second; false: not within `timeout`.
  [[nodiscard]] bool wait_until_claimed(std::chrono::nanoseconds timeout = std::chrono::seconds{30});

  /// The name that is claimed now: "shop.local".
  std::string name() const;

 private:
  class speaker;  // the fiber (local_name.cpp)
  std::unique_ptr<speaker> speaker_;
};

}  // namespace aster::net
