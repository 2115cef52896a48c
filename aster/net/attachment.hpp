// One device with its interface, and how that gets its address: as configured, or by DHCP.
//
// What DHCP tells besides, name servers and a domain, is kept here too. Sans-I/O.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "aster/net/configuration.hpp"
#include "aster/net/dhcp_client.hpp"
#include "aster/net/interface.hpp"

namespace aster::net {

struct attachment_options {
  std::string name{};        // of the interface, for people
  configuration address{};   // without an address in it: DHCP
  std::string host_name{};   // told to the DHCP server
  bool probe_first = false;  // see address_claim
};

class attachment {
 public:
  attachment(abi::net_device& device, const attachment_options& options, counters& counts,
             random_source& random);
  attachment(const attachment&) = delete;
  attachment& operator=(const attachment&) = delete;

  void start(time_point now);

  const std::string& name() const { return options_.name; }
  const attachment_options& options() const { return options_; }
  net::interface& interface() { return interface_; }
  const net::interface& interface() const { return interface_; }

  /// Takes a datagram if it is for the DHCP client.
  bool takes(const inbound& in, time_point now);
  /// Runs the DHCP client's timers, and tells it when the address was lost. The interface has its own.
  void expired(time_point now);
  time_point deadline() const { return dhcp_ ? dhcp_->deadline() : never; }

  std::span<const ipv4_address> name_servers() const { return name_servers_; }
  const std::string& domain() const { return domain_; }

 private:
  void lease_changed(time_point now);
  void send_dhcp(time_point now);

  counters& counts_;
  attachment_options options_;
  net::interface interface_;
  std::optional<dhcp_client> dhcp_;
  std::vector<ipv4_address> name_servers_;
  std::string domain_;
};

}  // namespace aster::net
