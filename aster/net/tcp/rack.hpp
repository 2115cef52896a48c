// RACK (RFC 8985 §6): a segment is lost when one that was sent later has arrived, and enough time has gone
// by for it to have been merely overtaken.
//
// "Enough" is nothing as long as the path has never been seen to reorder and three segments' worth has
// arrived ahead of the gap (so that this is also the three duplicates of RFC 5681 and RFC 6675); else a
// quarter of the least round trip, and more when the peer reports that what was sent again had arrived after
// all. Retransmissions are judged by the same rule: a lost one is noticed without the timer.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>

#include "aster/net/tcp/scoreboard.hpp"

namespace aster::net::tcp {

class rack {
 public:
  /// An acknowledgement has delivered something. `echoed`: the round trip by its timestamp, if it has one.
  void delivered(const delivery& d, std::optional<duration> echoed, time_point now) {
    if (d.least) least_ = least_ == duration::zero() ? *d.least : std::min(least_, *d.least);
    if (d.reordered) reordering_seen_ = true;
    if (!d.newest) return;
    const duration took = now - d.newest->at;
    if (d.newest->retransmitted) {
      // Of which copy is it? Not of the second, if it echoes an older clock or came too fast for it.
      if (echoed && *echoed > took + std::chrono::milliseconds{1}) return;
      if (took < least_) return;
    }
    round_trip_ = took;
    if (!newest_ || sent_after(d.newest->at, d.newest->end, newest_->at, newest_->end)) newest_ = d.newest;
  }

  /// The peer reports a duplicate (RFC 2883): we had been too quick. At most once a round trip.
  void sent_in_vain(sequence snd_una, sequence snd_nxt) {
    if (vain_round_ && snd_una < *vain_round_) return;
    vain_round_ = snd_nxt;
    if (multiplier_ < 20) ++multiplier_;
    patient_for_ = 16;
    reordering_seen_ = true;
  }

  /// A recovery has ended: after sixteen without such a report the window is small again (§6.2 step 4).
  void recovered() {
    if (patient_for_ > 0 && --patient_for_ == 0) multiplier_ = 1;
  }

  /// Marks what is lost. Returns when to look again; `never` when nothing hangs in the balance.
  time_point detect(scoreboard& board, bool eager, duration smoothed, time_point now) {
    if (!newest_) return never;
    const duration patience = eager && !reordering_seen_ ? duration::zero() : window(smoothed);
    time_point again = never;
    board.for_each([&](flight& f) {
      if (f.sacked || f.lost) return true;
      if (!sent_after(newest_->at, newest_->end, f.sent_at, f.end)) {
        // What follows was sent later still, unless it was sent again.
        return f.retransmitted || board.sacked() > 0;
      }
      const time_point until = f.sent_at + round_trip_ + patience;
      if (until <= now) {
        board.mark_lost(f);
      } else {
        again = std::min(again, until);
      }
      return true;
    });
    return again;
  }

  duration least_round_trip() const { return least_; }
  bool reordering_seen() const { return reordering_seen_; }

 private:
  static bool sent_after(time_point a, sequence a_end, time_point b, sequence b_end) {
    return a > b || (a == b && a_end > b_end);
  }
  duration window(duration smoothed) const {
    return std::min(least_ / 4 * multiplier_, std::max(smoothed, duration{}));
  }

  std::optional<delivery::last_sent> newest_;
  duration round_trip_{};
  duration least_{};  // RACK.min_RTT, over the whole connection
  std::optional<sequence> vain_round_;
  std::uint8_t multiplier_ = 1;
  std::uint8_t patient_for_ = 0;
  bool reordering_seen_ = false;
};

}  // namespace aster::net::tcp
