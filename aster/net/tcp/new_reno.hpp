// The window of RFC 5681 and RFC 6582: one segment more each round trip, half of it after a loss.
#pragma once
#include <algorithm>
#include <cstdint>

#include "aster/net/tcp/congestion_window.hpp"
#include "aster/net/time.hpp"

namespace aster::net::tcp {

class new_reno : public congestion_window {
 public:
  using congestion_window::congestion_window;

  void acknowledged(std::uint32_t bytes, bool limited, duration, time_point) {
    // A window that was not filled says nothing about the path: it must not grow (RFC 7661).
    if (!limited) return;
    if (window_ < threshold_) {
      // By bytes, not by acknowledgements (RFC 3465), since peers acknowledge many segments at once. After
      // a timeout one segment at a time: then an acknowledgement may cover what had arrived long before.
      window_ += after_timeout_ ? std::min(bytes, segment_size_) : std::min(bytes, threshold_ - window_);
    } else {
      after_timeout_ = false;
      credit_ += bytes;  // one segment for each window's worth of bytes (RFC 5681 §3.1)
      if (credit_ >= window_) {
        credit_ -= window_;
        window_ += segment_size_;
      }
    }
    window_ = std::min(window_, most);
  }

  void reduce(std::uint32_t in_flight, time_point) {
    threshold_ = half(in_flight);
    window_ = threshold_;
    credit_ = 0;
    after_timeout_ = false;
  }

  void timed_out(std::uint32_t in_flight, bool first, time_point) {
    if (first) threshold_ = half(in_flight);
    window_ = segment_size_;
    credit_ = 0;
    after_timeout_ = true;
  }

  void was_idle() { window_ = std::min(window_, initial_window(segment_size_)); }  // RFC 5681 §4.1

 private:
  std::uint32_t half(std::uint32_t in_flight) const { return std::max(in_flight / 2, 2 * segment_size_); }

  std::uint32_t credit_ = 0;  // bytes acknowledged towards the next segment in congestion avoidance
};

}  // namespace aster::net::tcp
