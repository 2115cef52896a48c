// Which IPv6 multicast groups this host listens to, and telling so to routers and to switches that watch
// (MLDv2, RFC 3810): those of its own addresses, by which neighbours find it, and those that the program joined.
//
//   groups.join(address.solicited_node(), now);   // counted: each join needs its leave
//   groups.next(buffer, now);                     // a report to be sent, when groups.deadline() has come
//
// Sans-I/O. Routers that speak only version 1 are not answered in their language.
#pragma once
#include <optional>
#include <vector>

#include "aster/net/siphash.hpp"
#include "aster/net/time.hpp"
#include "aster/net/wire/icmpv6.hpp"

namespace aster::net {

class multicast_listeners {
 public:
  static constexpr std::size_t group_limit = 32;
  static constexpr std::size_t record_size = 20;
  static constexpr std::size_t largest_size = group_limit * record_size;
  static constexpr unsigned robustness = 2;                             // how often a change is said (§9.1)
  static constexpr duration change_interval = std::chrono::seconds{1};  // §9.11
  static constexpr ipv6_address all_reporters{0xff02, 0, 0, 0, 0, 0, 0, 0x16};

  explicit multicast_listeners(random_source& random) : random_(random) {}

  /// False: not a group, or too many of them.
  bool join(const ipv6_address& group, time_point now);
  void leave(const ipv6_address& group, time_point now);
  /// Whether packets to the group are for us. Everybody belongs to ff02::1.
  bool contains(const ipv6_address& group) const;

  /// A query that was checked: from this link, with a hop limit of 1.
  void query_arrived(const wire::icmpv6& query, time_point now);

  /// Writes the records of a report to be sent now and returns how many; 0: none is due.
  std::size_t next(wire::mutable_bytes out, time_point now);
  time_point deadline() const;

 private:
  struct group {
    ipv6_address address;
    unsigned joined = 0;
    unsigned changes = 0;  // how often the last change is still to be said
    time_point report_at = never;
  };
  group* find(const ipv6_address& address);

  random_source& random_;
  std::vector<group> groups_;
};

}  // namespace aster::net
