// Passing packets on from one interface to another: what makes a host a router (RFC 1812 §5).
//
//   forwarder f{routes, errors, counts, {.hook = &nat}};
//   if (f.takes(in, device_header, by, "lan", now)) …     // else it is for us
//
// Packets that no router should pass on are dropped: from and to addresses that mean one link or none
// ("martians", §5.3.7), and, with `check_sources`, from addresses that lie elsewhere (RFC 3704 §2.2, the
// strict form). Redirects are never sent, and directed broadcasts never passed on (RFC 2644). Fragments were
// put together before they come here, so that a filter sees ports.
#pragma once
#include <string_view>

#include "aster/net/forwarding.hpp"
#include "aster/net/icmp.hpp"
#include "aster/net/routing.hpp"

namespace aster::net {

class forwarder {
 public:
  forwarder(const routing& routes, icmp& errors, counters& counts, const forwarding_options& options)
      : routes_(routes), icmp_(errors), counts_(counts), options_(options) {}

  /// Names of interfaces, for hooks.
  void name(interface& i, std::string_view text) { names_.push_back({&i, text}); }

  /// True: the packet was passed on or dropped. False: it is for us, maybe changed by the hook.
  bool takes(inbound& in, interface& by, time_point now);

 private:
  void pass_on(inbound& in, transit_packet& p, interface& by, time_point now);
  void refuse(const inbound& in, interface& by, std::uint8_t type, std::uint8_t code, std::uint32_t rest,
              time_point now);
  std::string_view name_of(const interface& i) const;

  struct named {
    const interface* which;
    std::string_view text;
  };
  const routing& routes_;
  icmp& icmp_;
  counters& counts_;
  forwarding_options options_;
  std::vector<named> names_;
};

}  // namespace aster::net
