// CUBIC (RFC 9438): after a loss the window comes back to where the loss was along a cubic curve of time,
// rests there, and then seeks beyond it. Growth by time, not by round trips: far paths are not starved.
//
// On short paths, where the classic window would be larger, it follows that one (§4.3). Window in bytes;
// the curve counts segments, as the RFC does.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "aster/net/tcp/congestion_window.hpp"
#include "aster/net/time.hpp"

namespace aster::net::tcp {

class cubic : public congestion_window {
 public:
  using congestion_window::congestion_window;

  void acknowledged(std::uint32_t bytes, bool limited, duration round_trip, time_point now) {
    if (!limited) {  // neither may it grow by the time that goes by meanwhile (§5.8)
      if (in_epoch_ && now > last_acknowledged_) epoch_ += now - last_acknowledged_;
      last_acknowledged_ = now;
      return;
    }
    last_acknowledged_ = now;
    if (window_ < threshold_) {
      window_ += after_timeout_ ? std::min(bytes, segment_size_) : std::min(bytes, threshold_ - window_);
      window_ = std::min(window_, most);
      return;
    }
    after_timeout_ = false;
    const double segments = static_cast<double>(window_) / segment_size_;
    if (!in_epoch_) begin_epoch(segments, now);
    // §4.2: where the curve will be in a round trip, and at most half as much again.
    const double at = seconds(now - epoch_ + round_trip) - k_;
    const double target = std::clamp(scale * at * at * at + w_max_, segments, 1.5 * segments);
    // §4.3: what the classic algorithm would have, with the same factor of reduction.
    const double alpha = w_est_ < prior_ ? friendly : 1.0;
    w_est_ += alpha * bytes / window_;
    const double here = seconds(now - epoch_) - k_;
    const double acknowledged = static_cast<double>(bytes) / segment_size_;
    double grown = scale * here * here * here + w_max_ < w_est_
                       ? std::max(w_est_, segments)
                       : segments + (target - segments) / segments * acknowledged;
    grown = std::min(grown * segment_size_ + fraction_, static_cast<double>(most));
    window_ = static_cast<std::uint32_t>(grown);
    fraction_ = static_cast<float>(grown - window_);
  }

  void reduce(std::uint32_t in_flight, time_point) {
    remember_most(in_flight);
    threshold_ = reduced(in_flight);
    window_ = threshold_;
    after_timeout_ = false;
  }

  void timed_out(std::uint32_t in_flight, bool first, time_point) {  // §4.8
    if (first) {
      remember_most(in_flight);
      threshold_ = reduced(in_flight);
    }
    in_epoch_ = false;
    window_ = segment_size_;
    after_timeout_ = true;
  }

  void was_idle() {  // RFC 5681 §4.1; and the curve begins anew, else it would have run on (RFC 9438 §4.2)
    window_ = std::min(window_, initial_window(segment_size_));
    in_epoch_ = false;
  }

 private:
  static constexpr double scale = 0.4;                             // C, segments per cubed second (§5)
  static constexpr double beta = 0.7;                              // §4.6
  static constexpr double friendly = 3 * (1 - beta) / (1 + beta);  // §4.3

  static double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

  void begin_epoch(double segments, time_point now) {
    in_epoch_ = true;
    epoch_ = now;
    w_est_ = segments;
    if (w_max_ < segments) {  // §4.10: the first time, or the window has outgrown it without a loss
      w_max_ = segments;
      prior_ = segments;
    }
    k_ = std::cbrt((w_max_ - segments) / scale);
    fraction_ = 0;
  }

  void remember_most(std::uint32_t in_flight) {
    const double segments = static_cast<double>(std::min(in_flight, window_)) / segment_size_;
    // §4.7, fast convergence: a loss below the last one means that somebody else needs room.
    w_max_ = segments < w_max_ ? segments * (1 + beta) / 2 : segments;
    prior_ = segments;
    in_epoch_ = false;
  }

  std::uint32_t reduced(std::uint32_t in_flight) const {
    const double kept = std::min(in_flight, window_) * beta;
    return std::max(static_cast<std::uint32_t>(kept), 2 * segment_size_);
  }

  float fraction_ = 0;  // of a byte, and more: what the window would have beyond whole bytes
  double w_max_ = 0;    // segments at the last loss
  double w_est_ = 0;    // the classic window, in segments
  double prior_ = 0;    // window before the last reduction, in segments
  double k_ = 0;        // seconds until the curve is back at `w_max_`
  time_point epoch_{};
  time_point last_acknowledged_{};
  bool in_epoch_ = false;
};

}  // namespace aster::net::tcp
