// HyStart++ (RFC 9406): slow start that ends before it overflows the path.
//
// When the least round trip of a round lies an eighth above that of the round before, a queue has begun to
// grow somewhere. Growth then goes on at a quarter of the pace; if the round trip falls back it was a
// false alarm, and after five rounds the window is what congestion avoidance begins with. Only for the first
// slow start, before any loss has told how much the path takes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>

#include "aster/net/tcp/sequence.hpp"
#include "aster/net/time.hpp"

namespace aster::net::tcp {

class hybrid_slow_start {
 public:
  enum class growth : std::uint8_t { full, quarter, ended };

  /// Something new was acknowledged, after `round_trip` if that could be measured. `snd_nxt`: what has been
  /// sent so far, with which a round begins.
  growth acknowledged(std::optional<duration> round_trip, sequence snd_una, sequence snd_nxt) {
    if (!round_end_) round_end_ = snd_nxt;
    if (round_trip) {
      least_ = std::min(least_, *round_trip);
      if (samples_ < enough_samples) ++samples_;
    }
    if (samples_ == enough_samples) judge();
    if (snd_una >= *round_end_) begin_round(snd_nxt);
    if (!conservative_) return growth::full;
    return rounds_ >= conservative_rounds ? growth::ended : growth::quarter;
  }

 private:
  static constexpr duration unknown = duration::max();
  static constexpr std::chrono::milliseconds least_rise{4}, most_rise{16};
  static constexpr std::uint8_t enough_samples = 8, conservative_rounds = 5;

  void judge() {  // §4.2
    if (conservative_) {
      if (least_ < baseline_) conservative_ = false;
      return;
    }
    if (least_before_ == unknown) return;
    const duration rise = std::clamp(least_before_ / 8, duration{least_rise}, duration{most_rise});
    if (least_ < least_before_ + rise) return;
    conservative_ = true;
    baseline_ = least_;
    rounds_ = 0;
  }

  void begin_round(sequence snd_nxt) {
    round_end_ = snd_nxt;
    least_before_ = least_;
    least_ = unknown;
    samples_ = 0;
    if (conservative_) ++rounds_;
  }

  std::optional<sequence> round_end_;
  duration least_ = unknown;         // in this round
  duration least_before_ = unknown;  // in the round before
  duration baseline_ = unknown;      // when growth was slowed down
  std::uint8_t samples_ = 0;
  std::uint8_t rounds_ = 0;
  bool conservative_ = false;
};

}  // namespace aster::net::tcp
