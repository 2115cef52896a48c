// A reduction of the window that turns out to have been for nothing (RFC 3708): everything that was sent
// again is reported as a duplicate, so nothing had been lost, only overtaken or delayed.
//
// Remembers what the window was before the reduction, and how much has been sent again since.
#pragma once
#include <algorithm>
#include <cstdint>

namespace aster::net::tcp {

class needless_reduction {
 public:
  /// A reduction begins. One that follows before the last was settled makes that one final.
  void reduced(std::uint32_t window, std::uint32_t threshold) {
    window_ = window;
    threshold_ = threshold;
    unreported_ = 0;
    watching_ = true;
  }
  void sent_again(std::uint32_t bytes) {
    if (watching_) unreported_ += bytes;
  }
  /// The peer had these bytes already. True: that was the last of what was sent again, so the window is to be
  /// what it was. Then nothing is remembered any more.
  bool reported(std::uint32_t bytes) {
    if (!watching_ || unreported_ == 0) return false;
    unreported_ -= std::min(unreported_, bytes);
    if (unreported_ > 0) return false;
    watching_ = false;
    return true;
  }
  /// It has been taken back for another reason.
  void settled() { watching_ = false; }
  std::uint32_t window() const { return window_; }
  std::uint32_t threshold() const { return threshold_; }

 private:
  std::uint32_t window_ = 0, threshold_ = 0;
  std::uint32_t unreported_ = 0;
  bool watching_ = false;
};

}  // namespace aster::net::tcp
