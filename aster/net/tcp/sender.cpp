#include "aster/net/tcp/sender.hpp"

#include <algorithm>
#include <utility>

#include "aster/net/counters.hpp"

namespace aster::net::tcp {

namespace {
// How long a peer may hold back its acknowledgement of a lone segment (RFC 8985 §7.2: WCDelAckT), and of
// several: for the time that its scheduler needs.
constexpr duration longest_delayed_ack = std::chrono::milliseconds{200};
constexpr duration longest_hesitation = std::chrono::milliseconds{2};

// Payload that gets through tunnels of all kinds, and through everything (RFC 9293 §3.7.1).
constexpr std::uint32_t black_hole_mss = 1220, default_mss = 536;
}  // namespace

sender::sender(const settings& s, chunk_pool& pool, flight_pool& flights, counters& counters, sequence iss,
               std::uint32_t mss, std::uint32_t burst)
    : settings_(s),
      counters_(counters),
      queue_(pool),
      board_(flights),
      congestion_(s.congestion, mss),
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

void sender::peer_said(const segment& syn, std::uint32_t mss, std::uint8_t window_shift, bool selective) {
  selective_ = selective;
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
  const bool device_cuts = burst_ > mss_;
  if (!device_cuts) burst_ = mss;
  burst_ -= burst_ % mss;
  mss_ = mss;
}

void sender::path_shrunk(std::uint32_t mss) {
  if (mss >= mss_) return;
  if (!whole_mss_) whole_mss_ = mss_;
  try_whole_at_ = last_sent_ + path_change;
  search_.end();  // a router has told
  set_mss(mss);
  congestion_.segment_size_changed(mss);
  // What is under way was too large: all of it again, and nobody is to blame.
  if (syn_acknowledged()) board_.mark_all_lost();
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

// --- The timer --------------------------------------------------------------------------------------------

void sender::arm(timer which, time_point now) {
  timer_ = which;
  deadline_ = now + round_trip_.timeout(settings_);
}

// The timer for what is under way: of the tail probe if one may be sent before the retransmission timer
// would expire (RFC 8985 §7.2), else that one.
void sender::arm_for_flight(time_point now) {
  arm(timer::retransmit, now);
  const bool may_probe = selective_ && syn_acknowledged() && recovery_ == recovery::none && !probe_end_ &&
                         board_.sacked() == 0 && board_.lost() == 0 && expiries_ == 0 &&
                         round_trip_.smoothed() > duration::zero();
  if (!may_probe) return;
  const duration held_back = in_flight() <= mss_ ? longest_delayed_ack : longest_hesitation;
  const duration wait = 2 * round_trip_.smoothed() + held_back;
  timer_ = timer::tail_probe;
  deadline_ = std::min(deadline_, now + wait);
}

// What was under way is to be sent anew, as if for the first time.
void sender::forget_flight() {
  board_.clear();
  snd_nxt_ = snd_una_;
  arrived_unseen_ = 0;
  probe_end_.reset();
}

time_point sender::deadline() const {
  return std::min({timer_ == timer::none ? never : deadline_, reordering_deadline_, pacing_deadline_});
}

bool sender::expired(time_point now) {
  if (pacing_deadline_ <= now) pacing_deadline_ = never;  // what waited is due, and `next` is asked
  if (reordering_deadline_ <= now) detect_losses(now);
  if (timer_ == timer::none || deadline_ > now) return true;
  const timer which = timer_;
  timer_ = timer::none;
  if (which == timer::persist) {
    // A peer that goes on answering may keep its window closed for as long as it likes (RFC 9293
    // §3.8.6.1, MUST-37).
    if (now - (abandoned_ ? progress_ : std::max(heard_, progress_)) >= give_up_) return false;
    probe_due_ = true;
    return true;
  }
  if (which == timer::tail_probe) {
    tail_probe_due_ = true;
    arm(timer::retransmit, now);  // for the probe, even if the device does not take it now
    return true;
  }
  if (now - progress_ >= give_up_) return false;
  counters_.add(counter::tcp_timeouts);
  if (!syn_acknowledged()) {
    forget_flight();
    // RFC 5681 §3.1: a lost SYN, start with one segment
    if (expiries_ > 0) congestion_.timed_out(0, false, now);
  } else if (snd_wnd_ == 0 && now - heard_ < give_up_) {
    // The peer closed its window over what was under way: probe it, nothing says the network lost it.
    forget_flight();
    probe_due_ = true;
    return true;
  } else {
    if (expiries_ == 0) needless_.reduced(congestion_.window(), congestion_.slow_start_threshold());
    congestion_.timed_out(in_flight(), expiries_ == 0, now);
    board_.mark_all_lost();  // everything again, as the window allows (RFC 5681 §3.1, RFC 6675 §5.1)
  }
  // A second expiry, or a loss that has shown by what arrived, leaves no doubt.
  const bool doubtful = recovery_ == recovery::none && expiries_ == 0 && syn_acknowledged();
  if (doubtful) {
    doubt_.begin();
  } else {
    doubt_.end();
  }
  recover_ = snd_max_;
  recovery_ = recovery::timeout;
  search_.timed_out();
  arrived_unseen_ = 0;
  duplicates_ = 0;
  tail_probe_due_ = false;
  probe_end_.reset();
  reordering_deadline_ = never;
  if (expiries_ < 255) ++expiries_;
  round_trip_.back_off();
  // A router that drops what is too large and does not say so (RFC 4821 §7.7, RFC 2923): try smaller ones.
  const std::uint32_t smaller = expiries_ == 3 ? black_hole_mss : expiries_ == 5 ? default_mss : mss_;
  if (syn_acknowledged() && std::min(in_flight(), mss_) > smaller) {
    counters_.add(counter::tcp_black_holes);
    const std::uint32_t fails = mss_;
    path_shrunk(smaller);
    if (selective_) search_.below(fails);
    congestion_.shrink_to(mss_);
  }
  return true;
}

}  // namespace aster::net::tcp
