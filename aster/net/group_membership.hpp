// Which multicast groups this host listens to, and telling so to the network (IGMP: RFC 3376, and 2236 and
// 1112 where a router speaks no better).
//
//   groups.join(mdns, now);                       // counted: each join needs its leave
//   groups.expired(now, [&](to, message) { … });  // when groups.deadline() has come: reports to be sent
//
// Sans-I/O. Switches that watch these reports (IGMP snooping) forward a group only to who has asked for it,
// so they matter even where no router is.
#pragma once
#include <array>
#include <vector>

#include "aster/net/counters.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/wire/igmp.hpp"

namespace aster::net {

class group_membership {
 public:
  static constexpr std::size_t group_limit = 32;
  static constexpr unsigned robustness = 2;  // how often a change is said (RFC 3376 §8.1)
  static constexpr duration change_interval = std::chrono::seconds{1};      // §8.11
  static constexpr duration old_querier_lasts = std::chrono::seconds{260};  // §8.12
  static constexpr ipv4_address all_hosts{224, 0, 0, 1}, all_routers{224, 0, 0, 2},
      all_reporters{224, 0, 0, 22};

  group_membership(random_source& random, counters& counts) : random_(random), counts_(counts) {}

  /// False: not a multicast group, or too many of them.
  bool join(ipv4_address group, time_point now);
  void leave(ipv4_address group, time_point now);
  /// Whether packets to the group are for us. All hosts belong to 224.0.0.1.
  bool contains(ipv4_address group) const;

  /// Says all groups (again): the host has got an address.
  void announce(time_point now);

  /// A message of the protocol.
  void arrived(wire::bytes message, time_point now);

  /// `send(destination, message)` for each report that is due.
  template <typename Function>
  void expired(time_point now, Function&& send) {
    if (now < deadline()) return;
    std::array<std::byte, wire::igmp::size + group_limit * wire::igmp::record_size> bytes;
    while (const auto m = next(bytes, now)) send(m->destination, wire::bytes{bytes}.first(m->size));
  }
  time_point deadline() const;

 private:
  struct group {
    ipv4_address address;
    unsigned joined = 0;
    unsigned changes = 0;  // how often the last change is still to be said
    time_point report_at = never;
  };
  struct message {
    ipv4_address destination;
    std::size_t size;
  };
  std::optional<message> next(wire::mutable_bytes out, time_point now);
  wire::igmp::change reported(group& g, time_point now);
  void change(group& g, time_point now);
  duration somewhere_in(duration d) { return d * random_.below(1000) / 1000; }
  std::uint8_t version(time_point now) const;

  random_source& random_;
  counters& counts_;
  std::vector<group> groups_;
  time_point version_1_until_ = time_point::min(), version_2_until_ = time_point::min();
};

}  // namespace aster::net
