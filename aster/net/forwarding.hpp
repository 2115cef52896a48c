// How a stack passes packets on: what a program says, and what it may look at.
//
//   stack.forward({.hook = &firewall});
#pragma once
#include "aster/net/time.hpp"
#include "aster/net/transit_packet.hpp"

namespace aster::net {

/// Looks at packets that a stack forwards, and may change them. Called by the network's fiber: it must not
/// park.
class packet_hook {
 public:
  enum class verdict : std::uint8_t {
    accept,
    drop,
    reject,  // and its sender is told (ICMP, code 13: prohibited by an administrator)
  };

  /// Any packet that arrived, also those to ourselves, before it is known where it goes.
  virtual verdict arriving(transit_packet&, time_point /*now*/) { return verdict::accept; }
  /// A packet that is about to leave, with `to()`.
  virtual verdict leaving(transit_packet&, time_point /*now*/) { return verdict::accept; }

 protected:
  ~packet_hook() = default;
};

struct forwarding_options {
  /// Drops packets whose answer would not leave by the interface that they came from.
  bool check_sources = true;
  /// Sees all packets; must outlive the stack. Null: none.
  packet_hook* hook = nullptr;
};

}  // namespace aster::net
