// Whether an IPv4 address on a link is ours alone (RFC 5227): asked before or while it is taken, announced,
// and defended afterwards.
//
//   claim.begin(address, {.probe_first = false, .keep = false}, now);
//   while (const auto a = claim.next(now)) transmit(*a);        // probes and announcements that are due
//   if (claim.heard(arp, now) == address_claim::verdict::lost) …
//
// As the RFC has it a host asks three times and waits for four to seven seconds before it uses an address:
// too long for a machine that starts in milliseconds because somebody waits for it. So by default the address
// is used at once and its owner, if there is one, is asked at the same time: as in IPv6's optimistic
// detection (RFC 4429), what can go wrong is that a neighbour knows the wrong station for as long as the
// answer takes. `probe_first` is the RFC's way.
//
// Sans-I/O: ARP packets and time in, ARP packets out.
#pragma once
#include <optional>

#include "aster/net/siphash.hpp"
#include "aster/net/time.hpp"
#include "aster/net/wire/arp.hpp"

namespace aster::net {

class address_claim {
 public:
  // RFC 5227 §1.1
  static constexpr duration probe_wait = std::chrono::seconds{1};
  static constexpr unsigned probes = 3;
  static constexpr duration least_probe_interval = std::chrono::seconds{1};
  static constexpr duration probe_interval_spread = std::chrono::seconds{1};
  static constexpr duration announce_wait = std::chrono::seconds{2};
  static constexpr unsigned announcements = 2;
  static constexpr duration announce_interval = std::chrono::seconds{2};
  static constexpr duration defend_interval = std::chrono::seconds{10};
  static constexpr duration retry_after = std::chrono::seconds{60};
  /// A conflict so soon after the address was taken means that it was not free.
  static constexpr duration probation = std::chrono::seconds{10};

  struct care {
    bool probe_first = false;
    /// A fixed address: it is defended again and again and never given up (§2.4 c); while it turns out to be
    /// taken before it is used, it is asked about once a minute. Else it is given up at the second conflict
    /// within `defend_interval` (§2.4 b), or the first in `probation`.
    bool keep = false;
  };

  address_claim(mac_address mac, random_source& random) : mac_(mac), random_(random) {}

  void begin(ipv4_address address, care how, time_point now);
  void forget();

  /// The address may be used.
  bool is_settled() const { return stage_ == stage::announcing || stage_ == stage::settled; }

  enum class verdict {
    no_conflict,
    conflict,  // somebody else uses the address; we hold on to it, or ask again later
    lost,      // it is not ours any more
  };
  verdict heard(const wire::arp& a, time_point now);

  /// A packet for everybody that is due.
  std::optional<wire::arp> next(time_point now);
  time_point deadline() const { return next_; }

 private:
  enum class stage { idle, waiting, probing, announcing, settled };

  duration somewhere_in(duration d) { return d * random_.below(1000) / 1000; }

  mac_address mac_;
  random_source& random_;
  ipv4_address address_;
  care how_;
  stage stage_ = stage::idle;
  unsigned said_ = 0;  // probes or announcements of this stage
  time_point began_{};
  time_point next_ = never;
  time_point defended_ = time_point::min();
};

}  // namespace aster::net
