// The sending half of a connection: what was written, what is under way, what must go out again.
//
// It decides which bytes may be sent next under the peer's window, the congestion window and the rules
// against silly small segments; it counts duplicate acknowledgements (RFC 5681, RFC 6582), runs the
// retransmission timer (RFC 6298) and probes a closed window (RFC 9293 §3.8.6.1). SYN and FIN are part of
// the sequence that it sends.
//
// Nothing counts as sent until `sent` says so: a full device costs nothing but a later call.
#pragma once
#include <optional>

#include "aster/net/tcp/congestion.hpp"
#include "aster/net/tcp/retransmission_timer.hpp"
#include "aster/net/tcp/segment.hpp"
#include "aster/net/tcp/send_queue.hpp"
#include "aster/net/tcp/settings.hpp"

namespace aster::net {
class counters;
}

namespace aster::net::tcp {

class sender {
 public:
  /// `mss`: most payload bytes of one segment; `burst`: most payload bytes of one `outgoing`, more than
  /// `mss` when the device cuts segments itself.
  sender(const settings& s, chunk_pool& pool, counters& counters, sequence iss, std::uint32_t mss,
         std::uint32_t burst);

  /// What the peer's SYN said. `mss` is the smaller of both sides' limits.
  void peer_said(const segment& syn, std::uint32_t mss, std::uint8_t window_shift);

  /// Packets to the peer must not be larger than this any more (RFC 1191).
  void path_shrunk(std::uint32_t mss);

  // What the program does.
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
  /// Nobody waits for the rest: from now on a peer that keeps its window closed is given up as well.
  void abandon() { abandoned_ = true; }

  // What the network does. The acknowledgement must not lie beyond `snd_max`.
  enum class heard { old, nothing_new, duplicate, advanced };
  heard acknowledged(const segment& seg, time_point now);

  /// The timer of `deadline` has expired. False: the other side has not answered for too long.
  bool expired(time_point now);
  time_point deadline() const { return timer_ == timer::none ? never : deadline_; }

  /// What to send next, as far as the sender decides it: sequence, SYN, FIN, PSH, payload. Nothing when
  /// there is nothing to send or it may not be sent now.
  std::optional<outgoing> next(time_point now);
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
  bool syn_acknowledged() const { return snd_una_ != iss_; }
  bool fin_acknowledged() const { return finishing_ && snd_una_ == data_end() + 1; }
  bool is_finishing() const { return finishing_; }
  bool is_idle() const { return snd_una_ == snd_max_ && queue_.size() == 0; }
  std::uint32_t mss() const { return mss_; }
  const new_reno& congestion() const { return congestion_; }
  const retransmission_timer& round_trip() const { return round_trip_; }

  /// SYN-ACKs are given up sooner; so is everything once nobody waits for it.
  void set_give_up(duration d) { give_up_ = d; }

 private:
  enum class timer : std::uint8_t { none, retransmit, persist };

  std::size_t limit() const { return settings_.send_buffer; }
  sequence data_begin() const { return syn_acknowledged() ? snd_una_ : iss_ + 1; }
  sequence data_end() const { return data_begin() + static_cast<std::uint32_t>(queue_.size()) - fin_gone(); }
  std::uint32_t fin_gone() const { return fin_acknowledged_ ? 1 : 0; }
  std::uint32_t in_flight() const { return distance(snd_una_, snd_nxt_); }

  void set_mss(std::uint32_t mss);
  outgoing front() const;
  void duplicate_acknowledgement();
  void advance(const segment& seg, time_point now);
  void arm(timer which, time_point now);

  const settings& settings_;
  counters& counters_;
  send_queue queue_;
  new_reno congestion_;
  retransmission_timer round_trip_;

  sequence iss_, snd_una_, snd_nxt_, snd_max_;
  sequence recover_;    // what had been sent when the last loss was noticed (RFC 6582)
  sequence wl1_, wl2_;  // segment that last set the window (RFC 9293 §3.10.7.4)
  std::uint32_t snd_wnd_ = 0;
  std::uint32_t max_window_ = 0;
  std::uint32_t mss_;
  std::uint32_t burst_;

  time_point deadline_{};
  time_point heard_{};     // last acknowledgement of any kind
  time_point progress_{};  // last time something new was acknowledged, or first sent after silence
  time_point last_sent_{};
  duration give_up_;
  sequence timed_end_;  // the segment whose round trip is measured ends here
  time_point timed_at_{};

  std::uint8_t window_shift_ = 0;
  timer timer_ = timer::none;
  std::uint8_t duplicates_ = 0;
  std::uint8_t expiries_ = 0;  // since the last progress
  bool timing_ = false;
  bool recovering_ = false;
  bool partial_seen_ = false;
  bool retransmit_front_ = false;
  bool probe_due_ = false;
  bool finishing_ = false;
  bool fin_acknowledged_ = false;
  bool abandoned_ = false;
  bool no_delay_;
};

}  // namespace aster::net::tcp
