// What the sender sends next, and what it remembers of it: what is lost goes before what is new, a probe
// before both; everything inside the peer's window, the network's and the pacer's.
#include <algorithm>

#include "aster/net/counters.hpp"
#include "aster/net/tcp/sender.hpp"

namespace aster::net::tcp {

std::uint32_t sender::congestion_window() const {
  return recovery_ == recovery::fast ? pipe() + rate_.quota() : congestion_.window();
}

// What lies in `length` numbers from `begin` on, which have been sent before: at most that many bytes, cut to
// full segments, and the FIN if it follows them.
outgoing sender::stretch(sequence begin, std::uint32_t length, std::uint32_t most) const {
  outgoing out;
  out.seq = begin;
  out.is_retransmission = true;
  const std::uint32_t data = begin < data_end() ? distance(begin, data_end()) : 0;
  const std::uint32_t covered = std::min(length, data);
  out.payload_size = std::min(covered, most);
  out.flags.psh = out.payload_size > 0 && out.payload_size == data;
  out.flags.fin = finishing_ && !fin_acknowledged_ && out.payload_size == data && length > data;
  return out;
}

// While it is in doubt whether anything is lost, two new segments go first, if there are any.
bool sender::new_before_lost() {
  if (!doubt_.wants_new()) return false;
  if (snd_nxt_ > recover_) return true;
  const bool may = snd_nxt_ < data_end() && snd_wnd_ >= in_flight() + mss_;
  if (!may) doubt_.end();
  return may;
}

// Whether what is to be sent has to wait for its time.
bool sender::is_paced(time_point now) {
  pacing_deadline_ = pacer_.may_send(now) ? never : pacer_.next();
  return pacing_deadline_ != never;
}

// The first stretch that is lost, once more.
std::optional<outgoing> sender::again(std::uint32_t segment) const {
  std::uint32_t length = 0;
  const flight* f = board_.first_lost(length);
  if (f == nullptr) return std::nullopt;
  const std::uint32_t window = congestion_window(), under_way = pipe();
  const std::uint32_t room = window > under_way ? window - under_way : 0;
  if (room < std::min(length, segment)) return std::nullopt;
  // The first of all goes whatever the peer's window has become: its answer says what that is now.
  const sequence end_of_window = snd_una_ + snd_wnd_;
  if (f->begin != snd_una_ && f->begin >= end_of_window) return std::nullopt;
  std::uint32_t most = std::min(room, burst_);
  most = most > segment ? most - most % segment : segment;
  if (f->begin < end_of_window) most = std::min(most, distance(f->begin, end_of_window));
  outgoing out = stretch(f->begin, length, most);
  if (out.payload_size > segment) out.segment_size = static_cast<std::uint16_t>(segment);
  return out;
}

// New data if there is any, else the last segment once more (RFC 8985 §7.3).
std::optional<outgoing> sender::tail_probe(std::uint32_t segment) const {
  const sequence end = data_end();
  const std::uint32_t by_peer = snd_wnd_ > in_flight() ? snd_wnd_ - in_flight() : 0;
  if (snd_nxt_ < end && by_peer > 0) {
    outgoing out;
    out.seq = snd_nxt_;
    out.payload_size = std::min({distance(snd_nxt_, end), segment, by_peer});
    out.flags.psh = out.payload_size == distance(snd_nxt_, end);
    out.is_retransmission = out.seq < snd_max_;
    out.is_tail_probe = true;
    return out;
  }
  const std::uint32_t flight = in_flight();
  if (flight == 0) return std::nullopt;
  const std::uint32_t fin = snd_nxt_ == end + 1 ? 1 : 0;
  const std::uint32_t length = std::min(flight, segment + fin);
  outgoing out = stretch(snd_nxt_ - length, length, segment);
  out.is_tail_probe = true;
  return out;
}

// One segment that is larger than those which are known to get through, once nothing hangs in the balance and
// three ordinary ones that follow it would tell of its loss.
std::optional<outgoing> sender::path_probe(std::uint32_t available, std::uint32_t usable) const {
  const auto size = search_.size(mss_);
  if (!size || recovery_ != recovery::none || board_.sacked() > 0 || expiries_ > 0) return std::nullopt;
  if (usable < *size || available < *size + 3 * mss_) return std::nullopt;
  outgoing out;
  out.seq = snd_nxt_;
  out.payload_size = *size;
  out.is_path_probe = true;
  return out;
}

std::optional<outgoing> sender::next(time_point now, std::uint32_t option_bytes) {
  outgoing out;
  if (!syn_acknowledged()) {
    if (snd_nxt_ != iss_) return std::nullopt;
    out.seq = iss_;
    out.flags.syn = true;
    out.is_retransmission = snd_max_ != iss_;
    return out;
  }
  if (whole_mss_ && now >= try_whole_at_ && board_.lost() == 0) {  // the path may have changed
    if (selective_) {
      search_.again(*whole_mss_);
      try_whole_at_ = now + path_change;
    } else {
      set_mss(*std::exchange(whole_mss_, std::nullopt));
      congestion_.segment_size_changed(mss_);
    }
  }
  const std::uint32_t segment = mss_ > 2 * option_bytes ? mss_ - option_bytes : mss_ / 2;
  if (tail_probe_due_) {
    if (auto probe = tail_probe(segment)) return probe;
    tail_probe_due_ = false;
  }
  // What is lost goes before what is new (RFC 6675 §4, NextSeg).
  if (board_.lost() > 0 && !new_before_lost()) {
    auto out_again = again(segment);
    if (out_again && is_paced(now)) return std::nullopt;
    return out_again;
  }

  const sequence end = data_end();
  const std::uint32_t available = snd_nxt_ < end ? distance(snd_nxt_, end) : 0;
  const bool fin_due = finishing_ && !fin_acknowledged_ && snd_nxt_ <= end;
  if (available == 0 && !fin_due) return std::nullopt;

  const std::uint32_t flight = in_flight();
  if (flight == 0 && snd_una_ == snd_max_ && now - last_sent_ > round_trip_.timeout(settings_))
    congestion_.was_idle();
  // What was acknowledged selectively, or left the network as the first two duplicates show, lets new
  // segments in (RFC 3042).
  const std::uint32_t under_way = pipe(), congestion_limit = congestion_window();
  const std::uint32_t by_peer = snd_wnd_ > flight ? snd_wnd_ - flight : 0;
  const std::uint32_t by_network = congestion_limit > under_way ? congestion_limit - under_way : 0;
  const std::uint32_t usable = std::min(by_peer, by_network);

  if (option_bytes == 0 && snd_nxt_ == snd_max_)
    if (auto probe = path_probe(available, usable)) return is_paced(now) ? std::nullopt : probe;

  std::uint32_t size = std::min(available, usable);
  if (probe_due_) {
    // What the window takes, however little; and one byte when it takes nothing.
    if (size == 0 && available > 0) size = 1;
    size = std::min(size, segment);
  } else if (size < available) {
    // The window cuts the data. Full segments only, or half of the largest window that the peer ever
    // offered if its window is what is small (RFC 9293 §3.8.6.2.1).
    if (size >= segment) {
      size -= size % segment;
    } else if (by_network <= by_peer || size < (max_window_ + 1) / 2) {
      size = 0;
    }
  } else if (!fin_due && (corked_ || (!no_delay_ && flight > 0))) {
    // Nagle: the last, small segment waits until everything else is acknowledged; a cork holds it anyhow.
    size -= size % segment;
  }
  if (size > 0 && !probe_due_ && is_paced(now)) return std::nullopt;
  if (pacer_.burst() > 0) size = std::min(size, std::max(pacer_.burst() - pacer_.burst() % segment, segment));
  if (size > burst_) size = burst_ > segment ? burst_ - burst_ % segment : burst_;
  if (burst_ == mss_) size = std::min(size, segment);

  out.seq = snd_nxt_;
  out.payload_size = size;
  out.flags.fin = fin_due && size == available && (by_peer > size || probe_due_);
  if (size == 0 && !out.flags.fin) {
    if (flight == 0 && timer_ == timer::none) arm(timer::persist, now);
    return std::nullopt;
  }
  out.flags.psh = size > 0 && size == available;
  if (size > segment) out.segment_size = static_cast<std::uint16_t>(segment);
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
  if (out.is_path_probe) {
    counters_.add(counter::tcp_path_probes);
    search_.sent(out.seq, out.payload_size);
  }
  if (timer_ == timer::persist) round_trip_.progress();  // the window is open again
  const bool nothing_was_under_way = snd_una_ == snd_max_;
  const bool fresh = out.seq == snd_nxt_;
  if (out.is_retransmission) {
    counters_.add(counter::tcp_retransmissions);
    ++retransmissions_;
    if (recovery_ != recovery::none) needless_.sent_again(out.length());
    doubt_.sent_again(now);
  }
  if (recovery_ == recovery::fast) rate_.sent(out.length());
  if (settings_.pacing)
    pacer_.sent(out.length(), congestion_.window(), mss_, round_trip_.smoothed(), congestion_.slow_start(),
                now);
  board_.sent(out.seq, end, out.is_retransmission, now);
  snd_nxt_ = later(snd_nxt_, end);
  snd_max_ = later(snd_max_, end);
  flight_sent_ = in_flight();
  if (nothing_was_under_way) progress_ = now;
  if (out.is_tail_probe) {
    counters_.add(counter::tcp_tail_probes);
    tail_probe_due_ = false;
    probe_end_ = snd_nxt_;
    probe_was_again_ = !fresh;
    arm(timer::retransmit, now);
  } else if (timer_ != timer::retransmit) {
    arm_for_flight(now);
  } else if (selective_ && recovery_ == recovery::fast && out.is_retransmission && out.seq == snd_una_) {
    arm(timer::retransmit, now);  // it gets a whole timeout of its own, within which RACK sees its loss
  }
}

}  // namespace aster::net::tcp
