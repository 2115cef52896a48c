// The receiving half of a connection: which segments lie in the window, what was received in order, and
// when to acknowledge.
//
// The window is never taken back and never opened by silly little steps (RFC 9293 §3.8.6.2.2). What must
// be answered at once is (gaps, duplicates, FIN); full segments are acknowledged when the round ends, a
// lone small one waits for data to carry its acknowledgement.
#pragma once
#include <cstdint>

#include "aster/net/tcp/reassembler.hpp"
#include "aster/net/tcp/sack_blocks.hpp"
#include "aster/net/tcp/segment.hpp"
#include "aster/net/tcp/settings.hpp"

namespace aster::net {
class counters;
}

namespace aster::net::tcp {

class receiver {
 public:
  receiver(const settings& s, chunk_pool& pool, counters& counters)
      : settings_(s), counters_(counters), stream_(pool), capacity_(s.receive_buffer) {}

  /// The peer's SYN has arrived. `shift`: our window scale, 0 when it was not agreed.
  /// `selective`: what lies beyond a gap is reported.
  void start(sequence irs, std::uint32_t mss, std::uint8_t shift, bool selective);

  sequence rcv_nxt() const { return rcv_nxt_; }
  /// The end of the window as the peer may know it.
  sequence edge() const { return edge_; }

  /// Whether any part of the segment lies in the window (RFC 9293 §3.10.7.4, first step).
  bool accepts(const segment& seg) const;

  struct taken {
    bool readable = false;  // there is more to read than before
    bool finished = false;  // everything up to the FIN has arrived
  };
  /// Takes payload and FIN of a segment that `accepts`.
  /// `round_trip`: as the sender has measured it, for the buffer's size.
  taken text(const segment& seg, duration round_trip, time_point now);

  bool finished() const { return finished_; }

  std::uint32_t capacity() const { return capacity_; }

  // Reading.
  std::size_t readable() const { return stream_.readable() + stream_.reader_bytes(); }
  std::size_t read(wire::mutable_bytes out);
  void set_reader(wire::mutable_bytes out) { stream_.set_reader(out); }
  std::size_t take_reader_bytes();
  bool return_reader_bytes() { return stream_.return_reader_bytes(); }
  void discard();  // nobody will read any more

  // Acknowledging.
  void acknowledge_now() {
    if (owed_ == 0) owed_ = 1;
  }
  /// One for each segment, since the peer counts them; with blocks to tell what arrived one does for all.
  void acknowledge_duplicate() {
    if (owed_ < (selective_ ? 1 : most_owed)) ++owed_;
  }
  /// A segment that lay before the window: these bytes had come before (RFC 2883).
  void came_again(sequence begin, std::uint32_t size) {
    if (selective_ && size > 0) blocks_.duplicate(begin, begin + size);
  }
  /// Adds what has arrived out of order to the options of the next acknowledgement: at most `room` blocks.
  void report(wire::tcp_options& options, std::size_t room) const;
  bool owes_acknowledgement() const { return owed_ > 0; }
  time_point deadline() const { return delaying_ ? delayed_until_ : never; }
  void expired(time_point now) {
    if (!delaying_ || now < delayed_until_) return;
    delaying_ = false;
    acknowledge_now();
  }

  /// The window field to send now; `sent` says that it went out.
  std::uint16_t window_field(bool in_syn) const;
  void sent(std::uint16_t field, bool in_syn, bool alone);

 private:
  static constexpr std::uint8_t most_owed = 32;
  sequence offered_edge() const;
  std::uint32_t effective_capacity() const;  // smaller than `capacity()` while memory is scarce
  std::uint32_t space() const;
  void read_some(std::size_t count);
  void fit_buffer(duration round_trip, time_point now);

  const settings& settings_;
  counters& counters_;
  reassembler stream_;
  sack_blocks blocks_;
  sequence rcv_nxt_;
  sequence edge_;
  sequence fin_;  // where the FIN stands, when has_fin_
  std::uint32_t capacity_;
  std::uint32_t mss_ = 536;
  std::size_t taken_ = 0;  // by the reader, since `taken_since_`
  time_point taken_since_{};
  time_point delayed_until_{};
  std::uint8_t owed_ = 0;  // acknowledgements to send at once; more than one for duplicates
  std::uint8_t shift_ = 0;
  bool selective_ = false;
  bool delaying_ = false;
  bool has_fin_ = false;
  bool finished_ = false;
};

}  // namespace aster::net::tcp
