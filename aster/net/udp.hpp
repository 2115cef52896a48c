// UDP ports and the datagrams that wait at them (RFC 768). Sans-I/O: the waiting itself is the caller's.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
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
    /// There is a datagram, or a failure.
    virtual void changed(udp_port&) noexcept = 0;

   protected:
    ~watcher() = default;
  };

  udp_port(std::uint16_t number, const bind_options& limits) : number_(number), limits_(limits) {}
  std::uint16_t number() const { return number_; }
  bool empty() const { return queue_.empty(); }
  std::size_t bytes() const { return bytes_; }  // in the queue
  /// False: no room.
  bool push(const endpoint& from, wire::bytes payload);
  datagram pop();
  std::uint64_t dropped() const { return dropped_; }

  /// From now on there is one other end: datagrams of others do not arrive, and errors about those to it do.
  void connect(const endpoint& peer) { peer_ = peer; }
  const std::optional<endpoint>& peer() const { return peer_; }

  /// What became of a datagram to the peer; told once.
  void fail(error e);
  std::optional<error> take_failure() { return std::exchange(failure_, std::nullopt); }

  watcher* watched_by = nullptr;

 private:
  std::uint16_t number_;
  bind_options limits_;
  std::optional<endpoint> peer_;
  std::optional<error> failure_;
  std::uint64_t dropped_ = 0;
  std::size_t bytes_ = 0;
  std::deque<datagram> queue_;
};

class udp {
 public:
  static constexpr std::size_t payload_limit = 65535 - wire::ipv4::size - wire::udp::size;

  udp(routing& routes, icmp& errors, counters& counts, random_source& random)
      : routes_(routes), icmp_(errors), counts_(counts), random_(random) {}

  /// A datagram for us. Those to a port that is not open are answered by ICMP.
  void arrived(const inbound& in, time_point now) { arrived_in(in, now); }
  void arrived(const inbound6& in, time_point now) { arrived_in(in, now); }

  /// ICMP about a datagram of ours: of interest to a port with that peer.
  void icmp_error(const icmp::complaint& c);
  /// Nobody answers for the address: ports whose peer `concerns(address)` are told.
  template <typename Predicate>
  void neighbour_failed(Predicate&& concerns) {
    for (const auto& p : ports_)
      if (p->peer() && concerns(p->peer()->address)) p->fail(error::unreachable);
  }
  /// Tells every port that nothing will arrive any more.
  void stop();

  /// Null: the port is taken, or none is free (`number` 0: any).
  udp_port* bind(std::uint16_t number, const bind_options& limits = {});
  void unbind(udp_port& port);
  std::span<const std::unique_ptr<udp_port>> ports() const { return ports_; }

  /// `error::invalid`: larger than `payload_limit`. `error::exhausted`: the device is full now.
  std::expected<void, error> send(std::uint16_t from, const endpoint& to, wire::bytes payload,
                                  time_point now);

 private:
  template <typename Inbound>
  void arrived_in(const Inbound& in, time_point now) {
    if (!deliver(in.header.source, in.header.destination, in.payload, in.verify))
      icmp_.send_port_unreachable(in, now);
  }
  bool deliver(const ip_address& source, const ip_address& destination, wire::bytes payload, bool verify);
  udp_port* find(std::uint16_t number) const;

  routing& routes_;
  icmp& icmp_;
  counters& counts_;
  random_source& random_;
  std::vector<std::unique_ptr<udp_port>> ports_;
  packet packet_;
};

}  // namespace aster::net
