// When to send again what was not acknowledged (RFC 6298): an estimate of the round trip and its
// variation, doubled with every expiry.
#pragma once
#include <algorithm>

#include "aster/net/tcp/settings.hpp"
#include "aster/net/time.hpp"

namespace aster::net::tcp {

class retransmission_timer {
 public:
  explicit retransmission_timer(const settings& s) : rto_(s.initial_rto) {}

  /// A round trip was measured, of a segment that was sent once (Karn: RFC 6298 §3).
  void measured(duration round_trip, const settings& s) {
    if (srtt_ == duration::zero()) {  // §2.2
      srtt_ = std::max(round_trip, duration{1});
      rttvar_ = round_trip / 2;
    } else {  // §2.3
      const duration error = srtt_ > round_trip ? srtt_ - round_trip : round_trip - srtt_;
      rttvar_ += (error - rttvar_) / 4;
      srtt_ += (round_trip - srtt_) / 8;
    }
    backoff_ = 0;
    // The variation counts as an eighth of the round trip at least: a retransmission that was lost as well
    // shows by what arrives after a round trip and a quarter (RFC 8985 §6.2), and the timer must not be
    // first.
    rto_ = std::clamp(srtt_ + std::max({4 * rttvar_, srtt_ / 2, granularity}), s.least_rto, s.most_rto);
  }

  /// The time to wait for an acknowledgement, backed off.
  duration timeout(const settings& s) const {
    return std::min(rto_ * (std::int64_t{1} << std::min(backoff_, 16u)), s.most_rto);
  }

  /// The timer has expired: the next wait is twice as long (§5.5).
  void back_off() { ++backoff_; }

  /// Something new was acknowledged: the path works, whatever the last wait was. (§5.5 would keep the backed
  /// off value until a measurement. With Karn's rule that may be far off: on a path that loses much each
  /// window holds something that was sent twice.)
  void progress() { backoff_ = 0; }

  /// The SYN had to be sent again: too short an estimate; start data with 3 s (§5.7).
  void syn_was_lost() {
    if (srtt_ == duration::zero()) rto_ = std::max(rto_, duration{std::chrono::seconds{3}});
  }

  duration smoothed() const { return srtt_; }
  duration variation() const { return rttvar_; }
  unsigned backoff() const { return backoff_; }

 private:
  static constexpr duration granularity = std::chrono::milliseconds{1};
  duration srtt_{};
  duration rttvar_{};
  duration rto_;
  unsigned backoff_ = 0;
};

}  // namespace aster::net::tcp
