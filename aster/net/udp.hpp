// UDP ports and the datagrams that wait at them (RFC 768). Sans-I/O: the waiting itself is the caller's.
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "aster/net/icmp.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/udp_socket.hpp"
#include "aster/net/wire/udp.hpp"

namespace aster::net {

class udp_port {
 public:
  class watcher {
   public:
    virtual void arrived(udp_port&) noexcept = 0;

   protected:
    ~watcher() = default;
  };

  static constexpr std::size_t datagram_limit = 256;
  static constexpr std::size_t byte_limit = 64 * 1024;

  explicit udp_port(std::uint16_t number) : number_(number) {}
  std::uint16_t number() const { return number_; }
  bool empty() const { return queue_.empty(); }
  /// False: no room.
  bool push(endpoint from, wire::bytes payload);
  datagram pop();

  watcher* watched_by = nullptr;

 private:
  std::uint16_t number_;
  std::size_t bytes_ = 0;
  std::deque<datagram> queue_;
};

class udp {
 public:
  static constexpr std::size_t payload_limit = 65535 - wire::ipv4::size - wire::udp::size;

  udp(interface& net, icmp& errors, counters& counts, random_source& random)
      : interface_(net), icmp_(errors), counts_(counts), random_(random) {}

  /// A datagram for us. Those to a port that is not open are answered by ICMP.
  void arrived(const inbound& in, time_point now);

  /// Null: the port is taken, or none is free (`number` 0: any).
  udp_port* bind(std::uint16_t number);
  void unbind(udp_port& port);

  /// `error::invalid`: larger than `payload_limit`. `error::exhausted`: the device is full now.
  std::expected<void, error> send(std::uint16_t from, endpoint to, wire::bytes payload, time_point now);

 private:
  udp_port* find(std::uint16_t number) const;

  interface& interface_;
  icmp& icmp_;
  counters& counts_;
  random_source& random_;
  std::vector<std::unique_ptr<udp_port>> ports_;
  packet packet_;
};

}  // namespace aster::net
