// Proportional rate reduction (RFC 6937, revised by RFC 9937): during a recovery what goes out is a fixed
// part of what arrives, so that the window shrinks evenly over a round trip instead of falling silent for
// half of one; and once it is small enough, losses beyond the first are made good by slow start up to the
// threshold.
//
// It counts bytes. `threshold` is what the window is to be after the recovery.
#pragma once
#include <algorithm>
#include <cstdint>

namespace aster::net::tcp {

class proportional_rate {
 public:
  /// A recovery begins while `in_flight` bytes are not known to have arrived. The lost segment goes out at
  /// once.
  void start(std::uint32_t in_flight, std::uint32_t segment_size) {
    in_flight_ = std::max(in_flight, std::uint32_t{1});
    delivered_ = out_ = 0;
    quota_ = segment_size;
  }

  /// An acknowledgement says that `delivered` more bytes have arrived, while `pipe` are under way.
  /// `advanced`: it was cumulative and nothing more was found lost.
  void acknowledged(std::uint32_t delivered, std::uint32_t pipe, std::uint32_t threshold, bool advanced,
                    std::uint32_t segment_size) {
    delivered_ += delivered;
    std::uint64_t quota = 0;
    if (pipe > threshold) {
      const std::uint64_t due = (delivered_ * threshold + in_flight_ - 1) / in_flight_;
      quota = due > out_ ? due - out_ : 0;
    } else {
      // The slow-start bound only while the recovery makes headway, else packet conservation.
      std::uint64_t bound = delivered_ > out_ ? delivered_ - out_ : 0;
      bound = std::max<std::uint64_t>(bound, delivered);
      if (advanced) bound += segment_size;
      quota = std::min<std::uint64_t>(threshold - pipe, bound);
    }
    if (out_ == 0) quota = std::max<std::uint64_t>(quota, segment_size);
    quota_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(quota, 1u << 30));
  }

  void sent(std::uint32_t bytes) {
    out_ += bytes;
    quota_ -= std::min(quota_, bytes);
  }

  /// Bytes that may go out now.
  std::uint32_t quota() const { return quota_; }

 private:
  std::uint64_t delivered_ = 0, out_ = 0;
  std::uint32_t in_flight_ = 1;  // RecoverFS
  std::uint32_t quota_ = 0;
};

}  // namespace aster::net::tcp
