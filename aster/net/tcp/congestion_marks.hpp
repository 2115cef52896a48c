// Explicit congestion notification (RFC 3168): routers mark packets instead of dropping them.
//
// The receiver of a marked packet says so in every acknowledgement until the sender answers that it has
// reduced its window; the sender reduces it as after a loss, once for each window of data.
#pragma once
#include "aster/net/tcp/segment.hpp"
#include "aster/net/tcp/sequence.hpp"

namespace aster::net::tcp {

class congestion_marks {
 public:
  /// What a SYN and its answer say when both sides understand marks (§6.1.1).
  static bool asked_by(const wire::tcp_flags& syn) { return syn.syn && !syn.ack && syn.ece && syn.cwr; }
  static bool agreed_by(const wire::tcp_flags& answer) {
    return answer.syn && answer.ack && answer.ece && !answer.cwr;
  }

  void agree() { agreed_ = true; }
  bool agreed() const { return agreed_; }

  /// A segment that was accepted. True: the window is to be reduced, unless it was for the same data.
  /// `snd_una` and `snd_max` as they are after its acknowledgement.
  bool arrived(const segment& seg, sequence snd_una, sequence snd_max) {
    if (!agreed_) return false;
    if (seg.flags.cwr) echoing_ = false;
    // Only data is marked with meaning (§6.1.4); a new mark counts although the segment says CWR.
    if (seg.congestion_experienced && !seg.payload.empty()) echoing_ = true;
    if (!seg.flags.ece || seg.flags.syn) return false;
    if (reduced_ && snd_una <= reduced_until_) return false;
    reduced_ = true;
    reduced_until_ = snd_max;
    answer_due_ = true;
    return true;
  }
  bool is_echoing() const { return echoing_; }

  /// Adds to a segment what is to be said. Marks are for data sent for the first time (§6.1.5), and CWR for
  /// one such segment.
  void add_to(outgoing& out) const {
    if (!agreed_ || out.flags.syn) return;
    out.flags.ece = echoing_ && out.flags.ack;
    const bool new_data = out.payload_size > 0 && !out.is_retransmission && !out.is_probe;
    out.takes_marks = new_data;
    out.flags.cwr = answer_due_ && new_data;
  }
  void sent(const outgoing& out) {
    if (out.flags.cwr && !out.flags.syn) answer_due_ = false;
  }
  bool owes_answer() const { return answer_due_; }

 private:
  sequence reduced_until_;
  bool agreed_ = false;
  bool echoing_ = false;
  bool reduced_ = false;
  bool answer_due_ = false;
};

}  // namespace aster::net::tcp
