// What an acknowledgement does to the sender: what has arrived, what is lost, and what that means for the
// window.
//
// With selective acknowledgement (RFC 2018) the scoreboard knows what arrived and RACK (RFC 8985) infers from
// it what did not. Without it, three duplicates stand for a loss and each for a segment that has left the
// network (RFC 5681 §3.2, RFC 6582). Either way a recovery then lasts until everything that had been sent at
// its start is acknowledged, and the window shrinks proportionally (RFC 6937).
#include <algorithm>

#include "aster/net/counters.hpp"
#include "aster/net/tcp/sender.hpp"

namespace aster::net::tcp {

namespace {
constexpr std::uint8_t duplicate_threshold = 3;  // RFC 5681 §3.2
}

sender::heard sender::acknowledged(const segment& seg, std::optional<duration> echoed, time_point now) {
  if (seg.ack < snd_una_) {
    // Late, but what it says of later segments is still true.
    if (!selective_ || seg.options.sack_count == 0 || snd_una_ - seg.ack > (1 << 28)) return heard::old;
  }
  heard_ = now;
  const std::uint32_t window = std::uint32_t{seg.window} << (seg.flags.syn ? 0 : window_shift_);
  const bool same_window = window == snd_wnd_;
  // Only newer segments may set the window (RFC 9293 §3.10.7.4).
  if (wl1_ < seg.seq || (wl1_ == seg.seq && wl2_ <= seg.ack)) {
    snd_wnd_ = window;
    max_window_ = std::max(max_window_, window);
    wl1_ = seg.seq;
    wl2_ = seg.ack;
  }

  const std::uint32_t was_lost = board_.lost();
  was_in_flight_ = in_flight();
  already_arrived_ = board_.sacked() + arrived_unseen_;
  const sequence before = snd_una_;
  delivery d;
  heard what = seg.ack < snd_una_ ? heard::old : heard::nothing_new;
  if (seg.ack > snd_una_) {
    advance(seg.ack, d, now);
    what = heard::advanced;
  } else if (what != heard::old && snd_nxt_ > snd_una_ && syn_acknowledged() && seg.length() == 0 &&
             same_window) {
    // RFC 5681 §2: a duplicate acknowledgement carries nothing and changes nothing, while data is under way.
    what = heard::duplicate;
  }
  bool reported = false;
  if (selective_ && seg.options.sack_count > 0) {
    const auto& first = seg.options.sack[0];
    // A first block below the acknowledgement, or inside the second, reports a duplicate (RFC 2883 §4).
    const sequence begin{first.begin}, end{first.end};
    reported = begin < end && end <= later(seg.ack, before);
    if (seg.options.sack_count > 1 && !reported) {
      const auto& second = seg.options.sack[1];
      reported = sequence{second.begin} <= begin && end <= sequence{second.end};
    }
    if (reported) {
      counters_.add(counter::tcp_sent_in_vain);
      rack_.sent_in_vain(snd_una_, snd_nxt_);
      if (needless_.reported(distance(begin, end))) {
        counters_.add(counter::tcp_reductions_undone);
        congestion_.restore(needless_.window(), needless_.threshold());
      }
    }
    selectively_acknowledged(seg, before, d, now);
  }

  // The measurement (RFC 6298 §3): once a round trip, of what was sent once, else by the timestamp if that is
  // of the last copy: an answer to an earlier one may have been lost itself, and tells nothing. Neither does
  // what was sent once and is acknowledged together with what was sent again: it may have waited for that.
  if (d.retransmitted) d.round_trip.reset();
  if (d.round_trip && now - *d.round_trip >= measured_at_) {
    round_trip_.measured(*d.round_trip, settings_);
    measured_at_ = now;
  } else if (what == heard::advanced && echoed && !d.round_trip && d.newest && !reported &&
             *echoed <= now - d.newest->at + std::chrono::milliseconds{1}) {
    round_trip_.measured(now - d.newest->at, settings_);
  } else if (what == heard::advanced) {
    round_trip_.progress();
  }
  if (d.rate) delivery_rate_ = *d.rate;
  if (d.bytes > 0 && selective_) rack_.delivered(d, echoed, now);
  end_tail_probe(seg, what, reported, now);

  settle_doubt(d, what, echoed, now);
  if (const auto works = search_.arrived(snd_una_)) {
    set_mss(*works);
    if (whole_mss_ && *works >= *whole_mss_) whole_mss_.reset();
    congestion_.segment_size_changed(mss_);
  }

  // What that means.
  bool recovered = false;
  if (what == heard::advanced && recovery_ != recovery::none && snd_una_ >= recover_) {
    if (recovery_ == recovery::fast) {
      // Without a scoreboard no burst after the recovery (RFC 6582 §3.2 step 3, option 1).
      if (!selective_) congestion_.shrink_to(std::max(in_flight(), mss_) + mss_);
      rack_.recovered();
    }
    recovered = true;
    recovery_ = recovery::none;
    arrived_unseen_ = 0;
  }
  bool restart_timer = true;
  if (!selective_) {
    if (what == heard::duplicate) duplicate_acknowledgement();
    if (what == heard::advanced && recovery_ == recovery::fast) {
      // A partial acknowledgement: the segment after it was lost too. Only the first one restarts the timer,
      // so that many losses in one window end in a timeout rather than in as many round trips
      // (RFC 6582 §3.2 step 5, "impatient").
      // The duplicates stood for what it covers, except for the segment that was missing.
      const std::uint32_t seen = d.bytes > mss_ ? d.bytes - mss_ : 0;
      arrived_unseen_ = arrived_unseen_ > seen ? arrived_unseen_ - seen : 0;
      board_.mark_front_lost(mss_);
      restart_timer = !partial_seen_;
      partial_seen_ = true;
    }
  } else {
    if (what == heard::duplicate && duplicates_ < duplicate_threshold) ++duplicates_;
    if (d.bytes > 0 || reordering_deadline_ <= now) detect_losses(now);
  }
  if (board_.lost() > was_lost) losses_changed(now);
  if (recovery_ == recovery::fast) {
    std::uint32_t arrived = d.bytes;
    if (!selective_ && what == heard::duplicate) arrived = mss_;
    rate_.acknowledged(arrived, pipe(), congestion_.slow_start_threshold(),
                       what == heard::advanced && board_.lost() <= was_lost, mss_);
  } else if (d.bytes > 0 && what == heard::advanced && !recovered && !seg.flags.ece) {  // RFC 3168 §6.1.2
    grow(d.bytes, d.least, now);
  }

  if (what == heard::advanced) {
    if (snd_una_ == snd_max_) {
      if (timer_ != timer::persist) timer_ = timer::none;
      tail_probe_due_ = false;
      reordering_deadline_ = never;
    } else if ((timer_ == timer::retransmit && restart_timer) || timer_ == timer::tail_probe) {
      arm_for_flight(now);
    }
  } else if (d.sacked > 0 && timer_ == timer::tail_probe) {
    arm_for_flight(now);  // a gap: from now on losses show by what arrives
  }
  return what;
}

// The window opens by what has arrived, if the window was what had held us back.
void sender::grow(std::uint32_t bytes, std::optional<duration> round_trip, time_point now) {
  const std::uint32_t limit = congestion_.window();
  const bool limited = flight_sent_ + mss_ > limit || pacing_deadline_ != never ||
                       (congestion_.slow_start() && 2 * flight_sent_ >= limit);
  if (congestion_.first_slow_start()) {
    switch (slow_start_.acknowledged(round_trip, snd_una_, snd_nxt_)) {
      case hybrid_slow_start::growth::full: break;
      case hybrid_slow_start::growth::quarter: bytes = std::max(bytes / 4, std::uint32_t{1}); break;
      case hybrid_slow_start::growth::ended: congestion_.leave_slow_start(); break;
    }
  }
  congestion_.acknowledged(bytes, limited, round_trip_.smoothed(), now);
}

// The cumulative part.
void sender::advance(sequence ack, delivery& d, time_point now) {
  const bool fin_covered = finishing_ && ack == data_end() + 1 && !fin_acknowledged_;
  const std::uint32_t data = distance(snd_una_, ack) - (syn_acknowledged() ? 0 : 1) - (fin_covered ? 1 : 0);
  if (!syn_acknowledged() && expiries_ > 0) round_trip_.syn_was_lost();
  expiries_ = 0;
  progress_ = now;
  duplicates_ = 0;
  if (recovery_ != recovery::fast) arrived_unseen_ = 0;
  queue_.drop(data);
  board_.acknowledged(ack, now, d);
  acknowledged_ = std::min(acknowledged_ + distance(snd_una_, ack), std::uint32_t{1} << 31);
  snd_una_ = ack;
  snd_nxt_ = later(snd_nxt_, snd_una_);
  fin_acknowledged_ = fin_acknowledged_ || fin_covered;
}

// The selective part. Blocks that name what was never sent, or nothing at all, are not believed.
void sender::selectively_acknowledged(const segment& seg, sequence before, delivery& d, time_point now) {
  const sequence una = later(before, snd_una_);
  for (std::size_t i = 0; i < seg.options.sack_count; ++i) {
    const sequence begin{seg.options.sack[i].begin}, end{seg.options.sack[i].end};
    if (begin >= end || end <= una) continue;
    if (begin < una || end > snd_max_) {
      counters_.add(counter::tcp_bad_sack);
      continue;
    }
    board_.selectively_acknowledged(begin, end, now, d);
  }
}

// What a tail probe has brought to light (RFC 8985 §7.4).
void sender::end_tail_probe(const segment& seg, heard what, bool duplicate_reported, time_point now) {
  if (!probe_end_ || seg.ack < *probe_end_) return;
  if (!probe_was_again_ || duplicate_reported) {
    probe_end_.reset();
  } else if (seg.ack > *probe_end_) {
    // The probe itself has repaired the loss, which was one all the same.
    probe_end_.reset();
    if (recovery_ == recovery::none) congestion_.reduce(flight_sent_, now);
  } else if (what == heard::duplicate && seg.options.sack_count == 0) {
    probe_end_.reset();  // both copies have arrived
  }
}

// The first acknowledgements after the timer has expired tell whether it should have (RFC 5682).
void sender::settle_doubt(const delivery& d, heard what, std::optional<duration> echoed, time_point now) {
  if (what != heard::advanced && what != heard::duplicate && d.sacked == 0) return;
  switch (
      doubt_.acknowledged(what == heard::advanced, snd_una_, recover_, d.once, d.sacked > 0, echoed, now)) {
    case timeout_doubt::verdict::open: return;
    case timeout_doubt::verdict::needed:
      // It stands for one of the new segments, which makes room for the first repair.
      if (what == heard::duplicate && !selective_) arrived_unseen_ += mss_;
      return;
    case timeout_doubt::verdict::needless: break;
  }
  counters_.add(counter::tcp_reductions_undone);
  board_.mark_none_lost();
  recovery_ = recovery::none;
  congestion_.restore(needless_.window(), needless_.threshold());
  needless_.settled();
}

// A duplicate without a scoreboard.
void sender::duplicate_acknowledgement() {
  if (recovery_ == recovery::fast) {
    arrived_unseen_ += mss_;
    return;
  }
  if (duplicates_ < duplicate_threshold) ++duplicates_;
  if (recovery_ == recovery::none) arrived_unseen_ = std::min<std::uint32_t>(duplicates_, 2) * mss_;
  // Below `recover_` duplicates may stem from our own needless retransmissions (RFC 6582 §3.2 step 2).
  if (duplicates_ < duplicate_threshold || snd_una_ <= recover_) return;
  arrived_unseen_ = duplicate_threshold * mss_;
  duplicates_ = 0;
  board_.mark_front_lost(mss_);
}

void sender::detect_losses(time_point now) {
  const bool eager =
      board_.sacked() > 2 * mss_ || duplicates_ >= duplicate_threshold || recovery_ != recovery::none;
  const std::uint32_t was_lost = board_.lost();
  reordering_deadline_ = rack_.detect(board_, eager, round_trip_.smoothed(), now);
  if (board_.lost() > was_lost) losses_changed(now);
}

// There is more to send again than there was.
void sender::losses_changed(time_point now) {
  if (recovery_ != recovery::none) return;
  std::uint32_t lost = 0;
  const flight* first = board_.first_lost(lost);
  if (first != nullptr && lost == board_.lost() && search_.lost(first->begin, lost)) return;  // of its size
  recovery_ = recovery::fast;
  partial_seen_ = false;
  recover_ = snd_max_;
  probe_end_.reset();
  tail_probe_due_ = false;
  needless_.reduced(congestion_.window(), congestion_.slow_start_threshold());
  congestion_.reduce(flight_sent_, now);
  // What had arrived before the recovery does not count into it (RFC 9937: RecoverFS).
  rate_.start(was_in_flight_ - std::min(was_in_flight_, already_arrived_), mss_);
  counters_.add(counter::tcp_fast_retransmits);
  if (timer_ == timer::tail_probe) arm(timer::retransmit, now);
}

}  // namespace aster::net::tcp
