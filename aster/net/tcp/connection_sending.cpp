// What a connection has to say: the sender's segments, or else bare acknowledgements and probes, with the
// options and bits that both sides agreed on.
#include "aster/net/counters.hpp"
#include "aster/net/tcp/connection.hpp"

namespace aster::net::tcp {

std::optional<outgoing> connection::next(time_point now) {
  if (reset_due_) {
    outgoing out;
    out.seq = sender_.acceptable();
    out.flags.rst = out.flags.ack = true;
    out.ack = receiver_.rcv_nxt();
    return out;
  }
  std::optional<outgoing> out;
  if (is_open()) {
    // Blocks that are owed travel with data, which then has less room.
    wire::tcp_options blocks;
    if (selective_ && receiver_.owes_acknowledgement()) receiver_.report(blocks, most_blocks());
    out = sender_.next(now, static_cast<std::uint32_t>(blocks.size()));
  }
  if (!out) {
    // The last acknowledgement of an orderly end goes out although the connection is closed already.
    const bool may = is_open() ? state_ != state::syn_sent : !failure_;
    if (!may) return std::nullopt;
    if (!receiver_.owes_acknowledgement() && !keep_alive_due_) return std::nullopt;
    out.emplace();
    out->seq = sender_.acceptable();
    if (state_ == state::syn_received) {  // the answer to a repeated SYN is our SYN-ACK again
      out->seq = sender_.iss();
      out->flags.syn = true;
      out->is_retransmission = true;
    } else if (keep_alive_due_ && !receiver_.owes_acknowledgement()) {
      out->seq = sender_.snd_una() - 1;  // old by one: the peer has to answer (RFC 9293 §3.8.4)
    }
  }
  if (state_ != state::syn_sent) {
    out->flags.ack = true;
    out->ack = receiver_.rcv_nxt();
  }
  add_options(*out, now);
  add_marks(*out);
  out->window = receiver_.window_field(out->flags.syn);
  return out;
}

void connection::add_options(outgoing& out, time_point now) const {
  const bool offering = state_ == state::syn_sent;
  if (clock_.agreed() || (offering && env_.defaults.timestamps)) out.options.timestamps = clock_.option(now);
  if (out.flags.syn) {
    out.options.maximum_segment_size = static_cast<std::uint16_t>(env_.mss(id_));
    if (offering || scaling_) out.options.window_scale = window_shift(env_.defaults);
    out.options.sack_permitted = selective_ || (offering && env_.defaults.selective_acknowledgement);
  } else if (selective_ && receiver_.owes_acknowledgement()) {
    receiver_.report(out.options, most_blocks());
  }
}

void connection::add_marks(outgoing& out) const {
  if (out.flags.syn) {
    if (state_ == state::syn_sent) {
      // A SYN that got no answer may have fallen to somebody who does not like the bits (§6.1.1.1).
      out.flags.ece = out.flags.cwr = env_.defaults.request_congestion_marks && !out.is_retransmission;
    } else {
      out.flags.ece = marks_.agreed();
    }
    return;
  }
  marks_.add_to(out);
  if (out.flags.cwr && out.segment_size > 0) {  // in one segment only, whoever cuts
    out.payload_size = out.segment_size;
    out.segment_size = 0;
    out.flags.fin = out.flags.psh = false;
  }
}

void connection::sent(const outgoing& out, time_point now) {
  marks_.sent(out);
  if (out.flags.ack) last_ack_sent_ = out.ack;
  if (out.flags.rst) {
    reset_due_ = false;
    state_ = state::closed;
    return;
  }
  if (out.flags.ack || out.flags.syn)
    receiver_.sent(out.window, out.flags.syn, out.payload_size == 0 && !out.flags.fin);
  if (out.length() > 0) {
    sender_.sent(out, now);
  } else if (keep_alive_due_) {
    keep_alive_due_ = false;
    env_.counts.add(counter::tcp_keep_alive_probes);
  }
}

}  // namespace aster::net::tcp
