// What a host says and hears by ICMP (RFC 792, RFC 1122 §3.2.2): it answers echo requests, tells senders of
// ports that are not open, and passes errors about its own packets on to their transport.
#pragma once
#include "aster/net/counters.hpp"
#include "aster/net/rate_limit.hpp"
#include "aster/net/routing.hpp"
#include "aster/net/wire/icmp.hpp"

namespace aster::net {

class icmp {
 public:
  icmp(routing& routes, counters& counts) : routes_(routes), counts_(counts) {}

  /// An error about a packet that we sent: its headers, as they came back.
  struct complaint {
    ip_address source, destination;
    std::uint8_t protocol = 0;
    wire::bytes quoted;          // from its transport header on, at least 8 bytes
    bool hard = false;           // it will not get better: port, protocol
    bool port = false;           // nobody listens there
    std::uint32_t path_mtu = 0;  // not zero: it was too large for a link of this MTU
  };

  /// Answers an echo request; returns an error's content.
  std::optional<complaint> arrived(const inbound& in, time_point now);

  /// The same of an ICMPv6 error. Echo and all that concerns the link alone is answered there (interface6).
  std::optional<complaint> arrived(const inbound6& in);

  /// Tells the sender of `about` that it was not deliverable. Rate limited, and never about broadcasts.
  void send_unreachable(const inbound& about, std::uint8_t code, time_point now);
  void send_port_unreachable(const inbound& about, time_point now) {
    send_unreachable(about, wire::icmp::port_unreachable, now);
  }
  void send_port_unreachable(const inbound6& about, time_point now);

  /// Tells the sender of a datagram that its other fragments did not come in time (RFC 792). `about` is what
  /// is there of it: an IP header that was checked, and the first fragment's payload. Limited like other
  /// errors.
  void send_incomplete(wire::bytes about, time_point now);

  /// An error whose payload is the packet that it is about: as much of it as belongs there is quoted.
  /// Limited.
  void send_error(ipv4_address from, ipv4_address to, wire::icmp error, time_point now);

 private:
  void send(ipv4_address from, ipv4_address to, const wire::icmp& message, time_point now);

  routing& routes_;
  counters& counts_;
  rate_limit errors_{20, std::chrono::milliseconds{20}};  // RFC 1812 §4.3.2.8: a limit there must be
  packet packet_;
};

}  // namespace aster::net
