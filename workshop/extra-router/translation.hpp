// Many hosts behind one address (NAT): what leaves gets the router's address and a port of its own, and what
// comes back to that port is led to whoever it belongs to.
//
// RFC 4787 (UDP), 5382 (TCP) and 5508 (ICMP) say how it should behave. A host's port looks the same to
// everybody outside (endpoint-independent mapping), so that two hosts behind such routers can find each
// other; but only those to whom it has sent may send to it (address-dependent filtering).
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "aster/net/forwarding.hpp"

class translation {
 public:
  static constexpr std::size_t mapping_limit = 8192;
  static constexpr std::size_t mappings_of_host = 1024;
  static constexpr std::size_t peer_limit = 64;  // of one mapping; who was heard of longest ago leaves
  /// Ports that are given out: below those that the router's own connections use.
  static constexpr std::uint16_t first_port = 20000, last_port = 49151;

  /// `outside()` is the router's address there, asked for with every packet.
  explicit translation(std::function<aster::net::ipv4_address()> outside) : outside_(std::move(outside)) {}

  /// What leaves: gets our address and its port. False: there is no room for another mapping.
  bool outward(aster::net::transit_packet& p, aster::net::time_point now);

  /// What comes: is led inside if somebody there waits for it. False: it is for the router, or for nobody.
  bool inward(aster::net::transit_packet& p, aster::net::time_point now);

  std::size_t size() const { return by_port_.size(); }

 private:
  struct peer {
    aster::net::ipv4_address address;
    aster::net::time_point heard{};
  };
  struct mapping {
    aster::net::ipv4_endpoint host;
    std::uint16_t port;
    aster::net::time_point until;
    bool is_open = false;  // TCP: the handshake was answered, and nobody has ended it
    std::vector<peer> peers;
  };
  using port_key = std::pair<std::uint8_t, std::uint16_t>;              // protocol, our port
  using host_key = std::pair<std::uint8_t, aster::net::ipv4_endpoint>;  // protocol, the host's end

  mapping* find(std::uint8_t protocol, const aster::net::ipv4_endpoint& host, aster::net::time_point now);
  mapping* make(std::uint8_t protocol, const aster::net::ipv4_endpoint& host, aster::net::time_point now);
  mapping* at_port(std::uint8_t protocol, std::uint16_t port, aster::net::time_point now);
  void forget(std::uint8_t protocol, std::uint16_t port);
  void forget_old(aster::net::time_point now);
  static void allow(mapping& m, aster::net::ipv4_address who, aster::net::time_point now);
  static void used(mapping& m, const aster::net::transit_packet& p, aster::net::time_point now);

  std::function<aster::net::ipv4_address()> outside_;
  std::map<port_key, mapping> by_port_;
  std::map<host_key, std::uint16_t> by_host_;
  std::map<aster::net::ipv4_address, std::size_t> of_host_;
  aster::net::time_point look_again_{};  // for old mappings: not with every packet while all are in use
  std::random_device random_;
};
