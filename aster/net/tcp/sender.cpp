#include "aster/net/tcp/sender.hpp"

#include <algorithm>

#include "aster/net/counters.hpp"

namespace aster::net::tcp {

namespace {
constexpr std::uint8_t duplicate_threshold = 3;  // RFC 5681 §3.2
}

sender::sender(const settings& s, chunk_pool& pool, counters& counters, sequence iss, std::uint32_t mss,
               std::uint32_t burst)
    : settings_(s),
      counters_(counters),
      queue_(pool),
      congestion_(mss),
      round_trip_(s),
      iss_(iss),
      snd_una_(iss),
      snd_nxt_(iss),
      snd_max_(iss),
      recover_(iss),
      mss_(mss),
      burst_(std::max(burst - burst % mss, mss)),
      give_up_(s.give_up),
      no_delay_(s.no_delay) {}

void sender::peer_said(const segment& syn, std::uint32_t mss, std::uint8_t window_shift) {
  set_mss(mss);
  congestion_.segment_size_changed(mss);
  window_shift_ = window_shift;
  snd_wnd_ = syn.window;  // never scaled in a SYN (RFC 7323 §2.2)
  max_window_ = snd_wnd_;
  wl1_ = syn.seq;
  wl2_ = syn.flags.ack ? syn.ack : iss_;
}

// A burst is full segments only.
void sender::set_mss(std::uint32_t mss) {
  if (burst_ > mss_) {  // the device cuts
    burst_ -= burst_ % mss;
  } else {
    burst_ = mss;
  }
  mss_ = mss;
}

void sender::path_shrunk(std::uint32_t mss) {
  if (mss >= mss_) return;
  set_mss(mss);
  congestion_.segment_size_changed(mss);
  if (snd_una_ != snd_max_ && syn_acknowledged()) {  // what is under way was too large: all of it again
    snd_nxt_ = snd_una_;
    timing_ = false;
  }
}

std::size_t sender::write(wire::bytes data) {
  const std::size_t n = queue_.append(data.first(std::min(data.size(), room())));
  counters_.add(counter::bytes_copied_sent, n);
  return n;
}

bool sender::lend(wire::bytes data) { return queue_.lend(data); }

bool sender::settle() {
  counters_.add(counter::bytes_copied_sent, queue_.lent());
  return queue_.settle();
}

bool sender::withdraw() {
  const std::size_t kept = queue_.size() - queue_.lent();
  const std::size_t under_way = distance(data_begin(), later(snd_max_, data_begin()));
  queue_.truncate(std::max(kept, under_way));
  return settle();
}

// --- Acknowledgements -------------------------------------------------------------------------------------

sender::heard sender::acknowledged(const segment& seg, time_point now) {
  if (seg.ack < snd_una_) return heard::old;
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
  if (seg.ack > snd_una_) {
    advance(seg, now);
    return heard::advanced;
  }
  // RFC 5681 §2: a duplicate acknowledgement carries nothing and changes nothing, while data is under way.
  const bool duplicate = snd_nxt_ > snd_una_ && syn_acknowledged() && seg.length() == 0 && same_window;
  if (!duplicate) return heard::nothing_new;
  duplicate_acknowledgement();
  return heard::duplicate;
}

void sender::duplicate_acknowledgement() {
  if (recovering_) {
    congestion_.duplicate();
    return;
  }
  if (duplicates_ < duplicate_threshold) ++duplicates_;
  // Below `recover_` duplicates may stem from our own needless retransmissions (RFC 6582 §3.2 step 2).
  if (duplicates_ < duplicate_threshold || snd_una_ <= recover_) return;
  recovering_ = true;
  partial_seen_ = false;
  retransmit_front_ = true;
  recover_ = snd_max_;
  duplicates_ = 0;
  congestion_.loss_detected(in_flight());
  counters_.add(counter::tcp_fast_retransmits);
}

void sender::advance(const segment& seg, time_point now) {
  const std::uint32_t was_in_flight = in_flight();
  const bool fin_covered = finishing_ && seg.ack == data_end() + 1 && !fin_acknowledged_;
  const std::uint32_t data =
      distance(snd_una_, seg.ack) - (syn_acknowledged() ? 0 : 1) - (fin_covered ? 1 : 0);

  if (timing_ && seg.ack >= timed_end_) {
    timing_ = false;
    round_trip_.measured(now - timed_at_, settings_);
  } else {
    round_trip_.progress();
  }
  if (!syn_acknowledged() && expiries_ > 0) round_trip_.syn_was_lost();
  expiries_ = 0;
  progress_ = now;
  duplicates_ = 0;
  retransmit_front_ = false;

  const bool was_recovering = recovering_;
  queue_.drop(data);
  snd_una_ = seg.ack;
  snd_nxt_ = later(snd_nxt_, snd_una_);
  fin_acknowledged_ = fin_acknowledged_ || fin_covered;

  bool restart_timer = true;
  if (was_recovering && seg.ack >= recover_) {
    recovering_ = false;
    congestion_.recovered(in_flight());
  } else if (was_recovering) {
    // A partial acknowledgement: the segment after it was lost too. Only the first one restarts the timer,
    // so that many losses in one window end in a timeout rather than in as many round trips
    // (RFC 6582 §3.2 step 5, "impatient").
    congestion_.partly_recovered(data);
    retransmit_front_ = true;
    restart_timer = !partial_seen_;
    partial_seen_ = true;
  } else if (data > 0) {
    const std::uint32_t window = congestion_.window();
    const bool slow_start = window < congestion_.slow_start_threshold();
    congestion_.acknowledged(data,
                             was_in_flight + mss_ > window || (slow_start && 2 * was_in_flight >= window));
  }

  if (snd_una_ == snd_max_) {
    if (timer_ == timer::retransmit) timer_ = timer::none;
  } else if (timer_ == timer::retransmit && restart_timer) {
    arm(timer::retransmit, now);
  }
}

// --- The timer --------------------------------------------------------------------------------------------

void sender::arm(timer which, time_point now) {
  timer_ = which;
  deadline_ = now + round_trip_.timeout(settings_);
}

bool sender::expired(time_point now) {
  const timer which = timer_;
  timer_ = timer::none;
  timing_ = false;
  if (which == timer::persist) {
    // A peer that goes on answering may keep its window closed for as long as it likes (RFC 9293
    // §3.8.6.1, MUST-37).
    if (now - (abandoned_ ? progress_ : std::max(heard_, progress_)) >= give_up_) return false;
    probe_due_ = true;
    return true;
  }
  if (now - progress_ >= give_up_) return false;
  counters_.add(counter::tcp_timeouts);
  if (!syn_acknowledged()) {
    snd_nxt_ = iss_;
    if (expiries_ > 0) congestion_.timed_out(0, false);  // RFC 5681 §3.1: a lost SYN, start with one segment
  } else if (snd_wnd_ == 0 && now - heard_ < give_up_) {
    // The peer closed its window over what was under way: probe it, nothing says the network lost it.
    snd_nxt_ = snd_una_;
    probe_due_ = true;
    return true;
  } else {
    congestion_.timed_out(distance(snd_una_, snd_max_), expiries_ == 0);
    snd_nxt_ = snd_una_;  // everything again, as the window allows (RFC 5681 §3.1)
  }
  recover_ = snd_max_;
  recovering_ = false;
  retransmit_front_ = false;
  duplicates_ = 0;
  if (expiries_ < 255) ++expiries_;
  round_trip_.back_off();
  return true;
}

// --- What to send -----------------------------------------------------------------------------------------

// The first unacknowledged segment once more.
outgoing sender::front() const {
  outgoing out;
  out.seq = snd_una_;
  out.is_retransmission = true;
  const std::uint32_t data = distance(snd_una_, data_end());
  out.payload_size = std::min({mss_, data, distance(snd_una_, snd_max_)});
  out.flags.psh = out.payload_size > 0 && out.payload_size == data;
  out.flags.fin = finishing_ && !fin_acknowledged_ && out.payload_size == data && snd_max_ == data_end() + 1;
  return out;
}

std::optional<outgoing> sender::next(time_point now) {
  outgoing out;
  if (!syn_acknowledged()) {
    if (snd_nxt_ != iss_) return std::nullopt;
    out.seq = iss_;
    out.flags.syn = true;
    out.is_retransmission = snd_max_ != iss_;
    return out;
  }
  if (retransmit_front_) return front();

  const sequence end = data_end();
  const std::uint32_t available = snd_nxt_ < end ? distance(snd_nxt_, end) : 0;
  const bool fin_due = finishing_ && !fin_acknowledged_ && snd_nxt_ <= end;
  if (available == 0 && !fin_due) return std::nullopt;

  const std::uint32_t flight = in_flight();
  if (flight == 0 && snd_una_ == snd_max_ && now - last_sent_ > round_trip_.timeout(settings_))
    congestion_.was_idle();
  // The first two duplicates show that segments leave the network: each lets a new one in (RFC 3042).
  std::uint32_t congestion_window = congestion_.window();
  if (!recovering_ && snd_nxt_ == snd_max_)
    congestion_window += std::min<std::uint32_t>(duplicates_, 2) * mss_;
  const std::uint32_t by_peer = snd_wnd_ > flight ? snd_wnd_ - flight : 0;
  const std::uint32_t by_network = congestion_window > flight ? congestion_window - flight : 0;
  const std::uint32_t usable = std::min(by_peer, by_network);

  std::uint32_t size = std::min(available, usable);
  if (probe_due_) {
    // What the window takes, however little; and one byte when it takes nothing.
    if (size == 0 && available > 0) size = 1;
    size = std::min(size, mss_);
  } else if (size < available) {
    // The window cuts the data. Full segments only, or half of the largest window that the peer ever
    // offered if its window is what is small (RFC 9293 §3.8.6.2.1).
    if (size >= mss_) {
      size -= size % mss_;
    } else if (by_network <= by_peer || size < (max_window_ + 1) / 2) {
      size = 0;
    }
  } else if (!no_delay_ && flight > 0 && !fin_due) {
    size -= size % mss_;  // Nagle: the last, small segment waits until everything else is acknowledged
  }
  size = std::min(size, burst_);

  out.seq = snd_nxt_;
  out.payload_size = size;
  out.flags.fin = fin_due && size == available && (by_peer > size || probe_due_);
  if (size == 0 && !out.flags.fin) {
    if (flight == 0 && timer_ == timer::none) arm(timer::persist, now);
    return std::nullopt;
  }
  out.flags.psh = size > 0 && size == available;
  if (size > mss_) out.segment_size = static_cast<std::uint16_t>(mss_);
  out.is_probe = out.length() > by_peer;
  out.is_retransmission = out.seq < snd_max_;
  return out;
}

void sender::sent(const outgoing& out, time_point now) {
  if (out.length() == 0) return;
  last_sent_ = now;
  const sequence end = out.seq + out.length();
  if (out.is_probe && syn_acknowledged()) {
    // It may be refused, and then comes again as ordinary data: `snd_nxt` does not move.
    counters_.add(counter::tcp_window_probes);
    if (snd_una_ == snd_max_) heard_ = progress_ = now;
    probe_due_ = false;
    snd_max_ = later(snd_max_, end);
    round_trip_.back_off();
    arm(timer::persist, now);
    return;
  }
  probe_due_ = false;
  if (timer_ == timer::persist) round_trip_.progress();  // the window is open again
  const bool nothing_was_under_way = snd_una_ == snd_max_;
  if (out.is_retransmission) {
    counters_.add(counter::tcp_retransmissions);
    timing_ = false;  // an acknowledgement may be of either copy (Karn)
  } else if (!timing_) {
    timing_ = true;
    timed_end_ = end;
    timed_at_ = now;
  }
  if (retransmit_front_ && out.seq == snd_una_) retransmit_front_ = false;
  snd_nxt_ = later(snd_nxt_, end);
  snd_max_ = later(snd_max_, end);
  if (nothing_was_under_way) progress_ = now;
  if (timer_ != timer::retransmit) arm(timer::retransmit, now);
}

}  // namespace aster::net::tcp
