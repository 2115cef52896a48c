// Getting an address by DHCP and keeping it (RFC 2131 §4.4), without I/O: messages and time come in,
// messages to send and changes of the lease come out.
//
//   dhcp_client client{mac, "shop", random};
//   client.start(now);
//   while (auto m = client.next()) send(*m);          // DISCOVER
//   client.arrived(offer, now);                       // … next(): REQUEST
//   if (client.arrived(ack, now)) configure(client.lease());
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "aster/net/address.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/time.hpp"
#include "aster/net/wire/dhcp.hpp"

namespace aster::net {

class dhcp_client {
 public:
  dhcp_client(mac_address mac, std::string host_name, random_source& random)
      : mac_(mac), host_name_(std::move(host_name)), random_(random) {}

  struct lease_terms {
    ipv4_interface address;
    std::optional<ipv4_address> router;
    std::vector<ipv4_address> dns;
    std::vector<wire::dhcp::route> routes;  // when there are any, the router is among them
    std::string domain;
    std::uint16_t mtu = 0;  // of the link, as the server believes; 0: it says nothing
    friend bool operator==(const lease_terms&, const lease_terms&) = default;
  };
  /// What we have now; nothing while we have no right to any address.
  const std::optional<lease_terms>& lease() const { return lease_; }

  struct outgoing {
    wire::dhcp message;
    ipv4_address source;
    ipv4_address destination;
  };
  /// A message to be sent, if one is due.
  std::optional<outgoing> next();

  /// All three return whether `lease()` has changed.
  void start(time_point now);
  bool arrived(const wire::dhcp& message, time_point now);
  bool expired(time_point now);
  time_point deadline() const { return deadline_; }

  /// Somebody else uses the address that we were given: it is refused, and we begin again after a pause.
  bool declined(time_point now);

 private:
  enum class state { init, selecting, requesting, bound, renewing, rebinding };

  void discover(time_point now);
  void transmit(wire::dhcp::message type, time_point now);
  duration backoff();
  bool take_acknowledgement(const wire::dhcp& m, time_point now);
  bool lose(time_point now, duration pause);
  void ask_again(time_point now, time_point limit);

  mac_address mac_;
  std::string host_name_;
  random_source& random_;
  state state_ = state::init;
  std::optional<lease_terms> lease_;
  std::optional<wire::dhcp::message> due_;
  std::uint32_t transaction_ = 0;
  unsigned tries_ = 0;
  ipv4_address offered_;
  ipv4_address server_;
  time_point began_{};  // this attempt, for the `secs` field
  time_point asked_{};  // the request whose answer starts the lease
  time_point now_{};
  time_point renew_at_ = never, rebind_at_ = never, expires_at_ = never;
  time_point deadline_ = never;
};

}  // namespace aster::net
