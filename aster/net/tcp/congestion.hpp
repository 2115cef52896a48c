// How much may be under way: the congestion window, by NewReno (RFC 5681, RFC 6582).
//
// The sender tells what happened and asks for the window; which segment to send again is the sender's own
// business. `congestion_control` is the whole interface: another algorithm is another class that has it.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>

#include "aster/net/time.hpp"

namespace aster::net::tcp {

/// Bytes throughout. `in_flight` is what was under way when the event happened.
template <typename Algorithm>
concept congestion_control = requires(Algorithm a, const Algorithm c, std::uint32_t n, bool limited) {
  Algorithm{n /* segment size */};
  { c.window() } -> std::same_as<std::uint32_t>;
  { c.slow_start_threshold() } -> std::same_as<std::uint32_t>;
  a.acknowledged(n /* bytes */, limited /* the window was the limit */);
  a.loss_detected(n /* in_flight */);  // third duplicate acknowledgement: recovery begins
  a.duplicate();                       // another segment has left the network during recovery
  a.partly_recovered(n /* bytes */);   // an acknowledgement that ends inside the recovery
  a.recovered(n /* in_flight */);      // one that ends it
  a.timed_out(n /* in_flight */, limited /* first expiry for this data */);
  a.was_idle();  // longer than a retransmission timeout
  a.segment_size_changed(n);
};

class new_reno {
 public:
  explicit new_reno(std::uint32_t segment_size)
      : segment_size_(segment_size), window_(initial_window(segment_size)) {}

  /// RFC 6928 §2.
  static constexpr std::uint32_t initial_window(std::uint32_t segment_size) {
    return std::min(10 * segment_size, std::max(2 * segment_size, std::uint32_t{14600}));
  }

  std::uint32_t window() const { return window_; }
  std::uint32_t slow_start_threshold() const { return threshold_; }

  void acknowledged(std::uint32_t bytes, bool limited) {
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

  void loss_detected(std::uint32_t in_flight) {
    threshold_ = half(in_flight);
    window_ = threshold_ + 3 * segment_size_;  // the three that have left the network
    credit_ = 0;
  }

  void duplicate() { window_ = std::min(window_ + segment_size_, most); }

  void partly_recovered(std::uint32_t bytes) {
    // Deflate by what was acknowledged, and let one new segment out if that was at least one (RFC 6582
    // §3.2 step 5).
    window_ = window_ > bytes ? window_ - bytes : 0;
    if (bytes >= segment_size_) window_ += segment_size_;
    window_ = std::max(window_, segment_size_);
  }

  void recovered(std::uint32_t in_flight) {
    // No burst after the recovery (RFC 6582 §3.2 step 3, option 1).
    window_ = std::min(threshold_, std::max(in_flight, segment_size_) + segment_size_);
  }

  void timed_out(std::uint32_t in_flight, bool first) {
    if (first) threshold_ = half(in_flight);
    window_ = segment_size_;
    credit_ = 0;
    after_timeout_ = true;
  }

  void was_idle() { window_ = std::min(window_, initial_window(segment_size_)); }  // RFC 5681 §4.1

  void segment_size_changed(std::uint32_t size) {
    const bool untouched = window_ == initial_window(segment_size_);
    segment_size_ = size;
    window_ = untouched ? initial_window(size) : std::max(window_, size);
  }

 private:
  static constexpr std::uint32_t most = 1u << 30;
  std::uint32_t half(std::uint32_t in_flight) const { return std::max(in_flight / 2, 2 * segment_size_); }

  std::uint32_t segment_size_;
  std::uint32_t window_;
  std::uint32_t threshold_ = most;
  std::uint32_t credit_ = 0;  // bytes acknowledged towards the next segment in congestion avoidance
  bool after_timeout_ = false;
};

static_assert(congestion_control<new_reno>);

}  // namespace aster::net::tcp
