// Pacing: a window is not let out in one burst but over the round trip, so that the narrowest place of the
// path need not hold all of it.
//
// As in Linux the rate is a little more than a window in a round trip: twice in slow start, else 1.2 times;
// acknowledgements remain the clock, and pacing only levels what comes after a silence, a lost
// acknowledgement or one for many segments. Ten segments, which every new connection may send at once (RFC
// 6928), or a millisecond's worth may always go together: a timer that wakes a sender for each segment would
// cost more than bursts do. On paths of less than a millisecond there is no pacing at all.
#pragma once
#include <algorithm>
#include <cstdint>

#include "aster/net/time.hpp"

namespace aster::net::tcp {

class pacer {
 public:
  bool may_send(time_point now) const { return free_at_ <= now; }
  /// When half of what may go together may go, so that it is worth to wake up.
  time_point next() const { return free_at_ + burst_time_ / 2; }
  /// What may go together, in bytes; 0: anything.
  std::uint32_t burst() const { return burst_; }

  /// `size` bytes have gone out while `window` bytes may be under way in `round_trip` (zero: not known yet).
  void sent(std::uint32_t size, std::uint32_t window, std::uint32_t segment, duration round_trip,
            bool slow_start, time_point now) {
    const std::uint32_t at_once = 10 * segment;
    if (window <= at_once || round_trip < shortest) {
      burst_ = 0;
      free_at_ = now;
      return;
    }
    const std::int64_t fifths = std::int64_t{window} * (slow_start ? 10 : 6);  // of the bytes in a round trip
    const auto time_of = [&](std::int64_t bytes) {
      return duration{bytes * 5 * round_trip.count() / fifths};
    };
    burst_ = std::max(at_once, static_cast<std::uint32_t>(std::min<std::int64_t>(
                                   fifths * duration{shortest}.count() / (5 * round_trip.count()), 1 << 20)));
    burst_time_ = time_of(burst_);
    free_at_ = std::max(free_at_, now - burst_time_) + time_of(size);
  }

 private:
  static constexpr duration shortest = std::chrono::milliseconds{1};

  time_point free_at_{};  // what has gone out is paid for then
  duration burst_time_{};
  std::uint32_t burst_ = 0;
};

}  // namespace aster::net::tcp
