// The sending half of a connection: what was written, what is under way, what must go out again.
//
// It decides which bytes may be sent next under the peer's window, the congestion window and the rules
// against silly small segments; it keeps the scoreboard of what is under way, notices losses by RACK, or by
// duplicate acknowledgements when the peer does not acknowledge selectively, runs the retransmission timer
// (RFC 6298) and probes a closed window (RFC 9293 §3.8.6.1) and a silent tail (RFC 8985 §7). SYN and FIN are
// part of the sequence that it sends. What goes out next is in sender_next.cpp, what acknowledgements do to
// it in sender_acknowledged.cpp.
//
// Nothing counts as sent until `sent` says so: a full device costs nothing but a later call.
#pragma once
#include <optional>

#include "aster/net/tcp/congestion.hpp"
#include "aster/net/tcp/hybrid_slow_start.hpp"
#include "aster/net/tcp/needless_reduction.hpp"
#include "aster/net/tcp/pacer.hpp"
#include "aster/net/tcp/path_search.hpp"
#include "aster/net/tcp/proportional_rate.hpp"
#include "aster/net/tcp/rack.hpp"
#include "aster/net/tcp/retransmission_timer.hpp"
#include "aster/net/tcp/scoreboard.hpp"
#include "aster/net/tcp/segment.hpp"
#include "aster/net/tcp/send_queue.hpp"
#include "aster/net/tcp/settings.hpp"
#include "aster/net/tcp/timeout_doubt.hpp"

namespace aster::net {
class counters;
}

namespace aster::net::tcp {

class sender {
 public:
  /// `mss`: most payload bytes of one segment; `burst`: most payload bytes of one `outgoing`, more than
  /// `mss` when the device cuts segments itself.
  sender(const settings& s, chunk_pool& pool, flight_pool& flights, counters& counters, sequence iss,
         std::uint32_t mss, std::uint32_t burst);

  /// What the peer's SYN said. `mss` is the smaller of both sides' limits, without the options that every
  /// segment will carry. `selective`: both sides acknowledge selectively.
  void peer_said(const segment& syn, std::uint32_t mss, std::uint8_t window_shift, bool selective);

  /// Packets to the peer must not be larger than this any more (RFC 1191).
  void path_shrunk(std::uint32_t mss);

  // What the program does.
  /// Bytes that may be queued at once: enough for two windows of the network (RFC 9293 leaves it open).
  std::size_t limit() const {
    if (queue_.is_memory_scarce()) return settings_.send_buffer;
    const std::uint32_t most = std::max(settings_.most_send_buffer, settings_.send_buffer);
    return std::clamp<std::uint32_t>(2 * std::min(congestion_.window(), 1u << 30), settings_.send_buffer,
                                     most);
  }
  std::size_t room() const { return queue_.size() < limit() ? limit() - queue_.size() : 0; }
  std::size_t write(wire::bytes data);  // copies; returns how many bytes found room
  bool lend(wire::bytes data);          // keeps a reference; see send_queue
  send_queue& queue() { return queue_; }
  const send_queue& queue() const { return queue_; }
  /// Copies what is lent, so that its owner may go; false: the stream is broken.
  bool settle();
  /// The same, but forgets lent bytes that were never sent.
  bool withdraw();
  void finish() { finishing_ = true; }  // FIN after everything written
  void set_no_delay(bool on) { no_delay_ = on; }
  void set_cork(bool on) { corked_ = on; }
  /// Nobody waits for the rest: from now on a peer that keeps its window closed is given up as well.
  void abandon() { abandoned_ = true; }

  // What the network does. The acknowledgement must not lie beyond `snd_max`. `echoed`: the round trip by
  // the segment's timestamp, if it has one.
  enum class heard { old, nothing_new, duplicate, advanced };
  heard acknowledged(const segment& seg, std::optional<duration> echoed, time_point now);

  /// A router has marked what we sent, instead of dropping it (RFC 3168 §6.1.2).
  void congestion_marked(time_point now) {
    if (recovery_ == recovery::none) congestion_.reduce(flight_sent_, now);
  }

  /// The timer of `deadline` has expired. False: the other side has not answered for too long.
  bool expired(time_point now);
  time_point deadline() const;

  /// What to send next, as far as the sender decides it: sequence, SYN, FIN, PSH, payload. Nothing when
  /// there is nothing to send or it may not be sent now. `option_bytes`: what the segment will carry in
  /// options beyond those of every segment; its payload is smaller by that.
  std::optional<outgoing> next(time_point now, std::uint32_t option_bytes = 0);
  void sent(const outgoing& out, time_point now);
  std::size_t gather(const outgoing& out, std::span<wire::bytes> pieces, std::size_t& described) {
    return queue_.gather(distance(data_begin(), out.seq + (out.flags.syn ? 1u : 0u)), out.payload_size,
                         pieces, described);
  }

  sequence iss() const { return iss_; }
  sequence snd_una() const { return snd_una_; }
  sequence snd_nxt() const { return snd_nxt_; }
  sequence snd_max() const { return snd_max_; }
  /// The sequence number for a segment without payload: the peer must find it in its window, whatever
  /// has to be sent again.
  sequence acceptable() const {
    const sequence end_of_window = snd_una_ + snd_wnd_;
    return syn_acknowledged() && end_of_window < snd_max_ ? end_of_window : snd_max_;
  }
  std::uint32_t window() const { return snd_wnd_; }
  std::uint32_t largest_window() const { return max_window_; }
  /// How far an acknowledgement may lie behind `snd_una` and still be one of ours that is late.
  std::uint32_t furthest_behind() const { return std::min(max_window_, acknowledged_); }
  bool syn_acknowledged() const { return snd_una_ != iss_; }
  bool fin_acknowledged() const { return finishing_ && snd_una_ == data_end() + 1; }
  bool is_finishing() const { return finishing_; }
  bool is_idle() const { return snd_una_ == snd_max_ && queue_.size() == 0; }
  std::uint32_t mss() const { return mss_; }
  const tcp::congestion& congestion() const { return congestion_; }
  const scoreboard& under_way() const { return board_; }
  const rack& recent_acknowledgement() const { return rack_; }
  bool is_recovering() const { return recovery_ != recovery::none; }
  /// What may be under way now: the congestion window, or what the recovery in progress allows.
  std::uint32_t congestion_window() const;
  /// Bytes a second, as last measured over a round trip; 0 before that.
  double delivery_rate() const { return delivery_rate_; }
  std::uint8_t expiries() const { return expiries_; }
  std::uint32_t retransmissions() const { return retransmissions_; }
  const retransmission_timer& round_trip() const { return round_trip_; }
  duration timeout() const { return round_trip_.timeout(settings_); }

  /// SYN-ACKs are given up sooner; so is everything once nobody waits for it.
  void set_give_up(duration d) { give_up_ = d; }

 private:
  /// How long a smaller path is believed in (RFC 1191 §6.3).
  static constexpr duration path_change = std::chrono::minutes{10};

  enum class timer : std::uint8_t { none, retransmit, persist, tail_probe };
  enum class recovery : std::uint8_t {
    none,
    fast,     // a loss was noticed by what arrived: proportional rate reduction
    timeout,  // the timer has expired: slow start from one segment
  };

  sequence data_begin() const { return syn_acknowledged() ? snd_una_ : iss_ + 1; }
  sequence data_end() const { return data_begin() + static_cast<std::uint32_t>(queue_.size()) - fin_gone(); }
  std::uint32_t fin_gone() const { return fin_acknowledged_ ? 1 : 0; }
  std::uint32_t in_flight() const { return distance(snd_una_, snd_nxt_); }
  /// Bytes that are in the network, as far as is known.
  std::uint32_t pipe() const {
    const std::uint32_t board = board_.pipe();
    return board > arrived_unseen_ ? board - arrived_unseen_ : 0;
  }

  void set_mss(std::uint32_t mss);
  bool is_paced(time_point now);
  bool new_before_lost();
  std::optional<outgoing> path_probe(std::uint32_t available, std::uint32_t usable) const;
  void settle_doubt(const delivery& d, heard what, std::optional<duration> echoed, time_point now);
  void grow(std::uint32_t bytes, std::optional<duration> round_trip, time_point now);
  void forget_flight();
  std::optional<outgoing> again(std::uint32_t segment) const;
  std::optional<outgoing> tail_probe(std::uint32_t segment) const;
  outgoing stretch(sequence begin, std::uint32_t length, std::uint32_t segment) const;
  void duplicate_acknowledgement();
  void advance(sequence ack, delivery& d, time_point now);
  void selectively_acknowledged(const segment& seg, sequence before, delivery& d, time_point now);
  void end_tail_probe(const segment& seg, heard what, bool duplicate_reported, time_point now);
  void detect_losses(time_point now);
  void losses_changed(time_point now);
  void arm(timer which, time_point now);
  void arm_for_flight(time_point now);

  const settings& settings_;
  counters& counters_;
  send_queue queue_;
  scoreboard board_;
  tcp::congestion congestion_;
  proportional_rate rate_;
  needless_reduction needless_;
  rack rack_;
  retransmission_timer round_trip_;
  hybrid_slow_start slow_start_;
  pacer pacer_;
  timeout_doubt doubt_;
  path_search search_;

  sequence iss_, snd_una_, snd_nxt_, snd_max_;
  sequence recover_;    // what had been sent when the last loss was noticed (RFC 6582)
  sequence wl1_, wl2_;  // segment that last set the window (RFC 9293 §3.10.7.4)
  std::uint32_t snd_wnd_ = 0;
  std::uint32_t max_window_ = 0;
  std::uint32_t acknowledged_ = 0;  // in all, at most 2^31
  std::uint32_t mss_;
  std::uint32_t burst_;

  time_point deadline_{};
  time_point heard_{};     // last acknowledgement of any kind
  time_point progress_{};  // last time something new was acknowledged, or first sent after silence
  time_point last_sent_{};
  std::optional<std::uint32_t> whole_mss_;  // before the path was found to be smaller
  time_point try_whole_at_{};
  time_point measured_at_{};                // what is sent from then on is measured next
  time_point reordering_deadline_ = never;  // what RACK waits for
  time_point pacing_deadline_ = never;      // there is something to send that may not go yet
  duration give_up_;
  double delivery_rate_ = 0;
  std::uint32_t retransmissions_ = 0;
  std::optional<sequence> probe_end_;  // a tail probe is under way: what had been sent (RFC 8985 §7.1)
  // Without selective acknowledgement: bytes that duplicates say have left the network.
  std::uint32_t arrived_unseen_ = 0;
  // In flight when something was last sent. Acknowledgements come in batches: while one is taken in, what is
  // in flight falls below what the window had let out, and says nothing about it.
  std::uint32_t flight_sent_ = 0;
  std::uint32_t was_in_flight_ = 0;    // before the last acknowledgement
  std::uint32_t already_arrived_ = 0;  // out of order, before the last acknowledgement

  std::uint8_t window_shift_ = 0;
  timer timer_ = timer::none;
  std::uint8_t duplicates_ = 0;
  std::uint8_t expiries_ = 0;  // since the last progress
  recovery recovery_ = recovery::none;
  bool selective_ = false;
  bool partial_seen_ = false;
  bool probe_due_ = false;  // of a closed window
  bool tail_probe_due_ = false;
  bool probe_was_again_ = false;  // the tail probe sent what had been sent before
  bool finishing_ = false;
  bool fin_acknowledged_ = false;
  bool abandoned_ = false;
  bool corked_ = false;
  bool no_delay_;
};

}  // namespace aster::net::tcp
