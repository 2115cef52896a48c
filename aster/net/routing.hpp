// Which interface a packet leaves by, and from which address: the routes of all interfaces as one table.
//
//   routing routes{counts};
//   routes.add(lan);
//   routes.add(wan);
//   routes.find({192, 0, 2, 1})->next_hop;      // the longest prefix wins, then the lowest metric, then who
//   came first
//
// Each interface knows its own routes, those that its address implies, that DHCP told and that were set; so
// they go when it loses its address, and nothing has to be kept in step.
//
// A host with several interfaces can be strict about them or not (RFC 1122 §3.3.4.2). This one is: a packet
// to one of our addresses is taken only from the interface that has it, and one from such an address leaves
// only there (the strong model). Somebody on one side cannot reach what listens for the other by knowing its
// address, and a connection stays on the link it began on. A stack that forwards is a router, and takes
// packets to any of its addresses from everywhere, as RFC 1812 §4.2.3.1 wants.
#pragma once
#include <optional>
#include <vector>

#include "aster/net/interface.hpp"

namespace aster::net {

class routing final : public packet_sink {
 public:
  explicit routing(counters& counts) : counts_(counts) {}

  /// The interface must stay.
  void add(interface& i) {
    interfaces_.push_back(&i);
    if (interfaces_.size() == 1) return;
    for (interface* each : interfaces_) each->set_one_of_several();
  }

  struct way {
    interface* by = nullptr;
    ipv4_address next_hop;
  };
  /// Nothing: no way there. With a source that is not unspecified: from the interface that has it.
  std::optional<way> find(ipv4_address destination, ipv4_address source = {}) const;

  struct way6 {
    interface* by = nullptr;
    ipv6_address next_hop;
  };
  /// On a link, else through a router, of the interface that came first.
  std::optional<way6> find(const ipv6_address& destination) const;

  /// The address that packets to `destination` come from when nobody has said it: that of the interface they
  /// leave by.
  std::optional<ip_address> source_for(const ip_address& destination) const;

  /// The interface that has this address; null: none.
  interface* owner(ipv4_address address) const;
  interface* owner(const ipv6_address& address) const;

  /// A router: what leaves from any of our addresses goes the best way, whichever interface has the address.
  void set_router() { is_router_ = true; }

  result send(packet& p, time_point now) override;

 private:
  interface* first_with_address() const;

  counters& counts_;
  std::vector<interface*> interfaces_;
  bool is_router_ = false;
};

}  // namespace aster::net
