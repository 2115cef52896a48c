// What the algorithms of congestion control have in common: a window, the threshold up to which it grows
// fast, and what happens to both from outside of the algorithm. Bytes.
#pragma once
#include <algorithm>
#include <cstdint>

namespace aster::net::tcp {

/// RFC 6928 §2.
constexpr std::uint32_t initial_window(std::uint32_t segment_size) {
  return std::min(10 * segment_size, std::max(2 * segment_size, std::uint32_t{14600}));
}

class congestion_window {
 public:
  explicit congestion_window(std::uint32_t segment_size)
      : segment_size_(segment_size), window_(initial_window(segment_size)) {}

  std::uint32_t window() const { return window_; }
  std::uint32_t slow_start_threshold() const { return threshold_; }

  void restore(std::uint32_t window, std::uint32_t threshold) {
    window_ = std::max(window_, window);
    threshold_ = std::max(threshold_, threshold);
    after_timeout_ = false;
  }
  /// No loss has told yet how much the path takes.
  bool first_slow_start() const { return threshold_ == most; }
  void leave_slow_start() { threshold_ = window_; }
  void shrink_to(std::uint32_t window) { window_ = std::min(window_, std::max(window, segment_size_)); }

  void segment_size_changed(std::uint32_t size) {
    const bool untouched = window_ == initial_window(segment_size_);
    segment_size_ = size;
    window_ = untouched ? initial_window(size) : std::max(window_, size);
  }

 protected:
  static constexpr std::uint32_t most = 1u << 30;

  std::uint32_t segment_size_;
  std::uint32_t window_;
  std::uint32_t threshold_ = most;
  bool after_timeout_ = false;
};

}  // namespace aster::net::tcp
