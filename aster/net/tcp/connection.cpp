#include "aster/net/tcp/connection.hpp"

#include <algorithm>

#include "aster/net/counters.hpp"
#include "aster/net/tcp/isn.hpp"

namespace aster::net::tcp {

namespace {

constexpr std::uint32_t default_mss = 536;    // RFC 9293 §3.7.1: when the peer says nothing
constexpr std::uint32_t least_mss = 48;       // smaller ones are an attack, not a link
constexpr std::uint32_t timestamp_size = 12;  // of the option in every segment

}  // namespace

std::string_view to_string(state s) {
  switch (s) {
    case state::syn_sent: return "SYN-SENT";
    case state::syn_received: return "SYN-RECEIVED";
    case state::established: return "ESTABLISHED";
    case state::fin_wait_1: return "FIN-WAIT-1";
    case state::fin_wait_2: return "FIN-WAIT-2";
    case state::close_wait: return "CLOSE-WAIT";
    case state::closing: return "CLOSING";
    case state::last_ack: return "LAST-ACK";
    case state::closed: return "CLOSED";
  }
  return "?";
}

connection::connection(environment& env, const connection_id& id, sequence iss, time_point now)
    : env_(env),
      id_(id),
      sender_(env.defaults, env.pool, env.flights, env.counts, iss, env.mss(id), env.burst(id)),
      receiver_(env.defaults, env.pool, env.counts),
      clock_(static_cast<std::uint32_t>(pair_hash(env.clock_key, id))),
      last_heard_(now),
      state_(state::syn_sent),
      passive_(false) {
  sender_.set_give_up(env.defaults.give_up_connecting);
}

connection::connection(environment& env, const connection_id& id, sequence iss, const segment& syn,
                       time_point now)
    : env_(env),
      id_(id),
      sender_(env.defaults, env.pool, env.flights, env.counts, iss, env.mss(id), env.burst(id)),
      receiver_(env.defaults, env.pool, env.counts),
      clock_(static_cast<std::uint32_t>(pair_hash(env.clock_key, id))),
      last_heard_(now),
      state_(state::syn_received),
      passive_(true) {
  sender_.set_give_up(env.defaults.give_up_accepting);
  learn_peer(syn, now);
  // Data in a SYN is not taken: it is not acknowledged and comes again.
}

void connection::learn_peer(const segment& syn, time_point now) {
  const auto& options = syn.options;
  std::uint32_t mss =
      std::clamp<std::uint32_t>(options.maximum_segment_size.value_or(default_mss), least_mss, env_.mss(id_));
  scaling_ = options.window_scale.has_value();
  selective_ = env_.defaults.selective_acknowledgement && options.sack_permitted;
  if (env_.defaults.timestamps && options.timestamps) {
    clock_.agree(options.timestamps->value, now);
    mss -= timestamp_size;  // the option is part of what the segment may be large (RFC 6691)
  }
  // A first SYN asks, an answer agrees; two that cross agree on nothing (RFC 3168 §6.1.1).
  if (passive_ ? env_.defaults.accept_congestion_marks && congestion_marks::asked_by(syn.flags)
               : env_.defaults.request_congestion_marks && congestion_marks::agreed_by(syn.flags))
    marks_.agree();
  sender_.peer_said(syn, mss, options.window_scale.value_or(0), selective_);
  receiver_.start(syn.seq, env_.mss(id_) - (clock_.agreed() ? timestamp_size : 0),
                  scaling_ ? window_shift(env_.defaults) : 0, selective_);
}

// --- Segments that arrive (RFC 9293 §3.10.7) -------------------------------------------------------------

connection::verdict connection::arrived(const segment& seg, time_point now) {
  if (state_ == state::closed || reset_due_) return verdict::fine;
  if (state_ == state::syn_sent) return arrived_in_syn_sent(seg, now);

  // The SYN that we know, once more. Alone: our answer was lost. With an acknowledgement: both sides have
  // opened at once, and this is the peer's answer to our SYN (RFC 9293 §3.5, figure 8); it stands before
  // the window, and is heard all the same.
  const bool known_syn =
      state_ == state::syn_received && seg.flags.syn && !seg.flags.rst && seg.seq + 1 == receiver_.rcv_nxt();
  if (known_syn && !seg.flags.ack) {
    receiver_.acknowledge_now();
    return verdict::fine;
  }

  // Before all: does it belong to an earlier round of the sequence space (RFC 7323 §5.3 R1)? A segment
  // without the option on a connection that has it is not the peer's (§3.2). RST is judged by its number
  // alone.
  if (clock_.agreed() && !seg.flags.rst) {
    if (!seg.options.timestamps) {
      env_.counts.add(counter::tcp_no_timestamp);
      return verdict::fine;
    }
    if (clock_.is_old(seg, now)) {
      env_.counts.add(counter::tcp_old_timestamp);
      receiver_.came_again(seg.seq, static_cast<std::uint32_t>(seg.payload.size()));
      if (seg.length() > 0 || env_.challenges.take(now)) receiver_.acknowledge_duplicate();
      return verdict::fine;
    }
  }

  // First: is any of it in the window? With a closed window, what comes at its edge is still heard for
  // its acknowledgement.
  const bool at_closed_window = receiver_.edge() == receiver_.rcv_nxt() && seg.seq == receiver_.rcv_nxt();
  if (!receiver_.accepts(seg) && !at_closed_window && !known_syn) {
    env_.counts.add(counter::tcp_out_of_window);
    if (seg.flags.rst) return verdict::fine;
    // Two ends that each think the other out of step would answer each other for ever: answers to
    // segments that carry nothing are rationed.
    if (seg.seq < receiver_.rcv_nxt())
      receiver_.came_again(seg.seq, static_cast<std::uint32_t>(seg.payload.size()));
    // One number behind stands a keep-alive probe; and the acknowledgement of a peer that does not know yet
    // that we have taken the byte with which it probed our closed window. It is heard: if both have probed
    // each other at once, nothing else would ever say so.
    const bool one_behind = seg.length() == 0 && seg.seq + 1 == receiver_.rcv_nxt();
    if (seg.length() > 0 || one_behind || env_.challenges.take(now)) receiver_.acknowledge_duplicate();
    if (!one_behind || !synchronized()) return verdict::fine;
  }
  clock_.accepted(seg, last_ack_sent_, now);

  // Second: RST counts only exactly at the edge of what was received (RFC 5961 §3.2).
  if (seg.flags.rst) {
    if (seg.seq != receiver_.rcv_nxt()) {
      env_.counts.add(counter::tcp_bad_reset);
      challenge(now);
      return verdict::fine;
    }
    env_.counts.add(counter::tcp_connections_reset);
    fail(state_ == state::syn_received && !passive_ ? error::refused : error::reset);
    return verdict::fine;
  }

  // Fourth: a SYN inside the window is a peer that restarted, or an attack; the challenge tells which
  // (RFC 5961 §4.2).
  if (seg.flags.syn && !known_syn) {
    env_.counts.add(counter::tcp_bad_syn);
    challenge(now);
    return verdict::fine;
  }

  if (!seg.flags.ack) return verdict::fine;
  last_heard_ = now;
  keep_alive_sent_ = 0;
  if (keep_alive_ > duration::zero()) keep_alive_at_ = now + keep_alive_;

  switch (acknowledge(seg, now)) {
    case belief::nonsense: return verdict::reset;
    case belief::refused: return verdict::fine;
    case belief::taken: break;
  }
  if (marks_.agreed()) {
    if (seg.congestion_experienced) {
      env_.counts.add(counter::tcp_congestion_marks);
      if (!seg.payload.empty()) receiver_.acknowledge_now();  // the sender waits to hear of it
    }
    if (marks_.arrived(seg, sender_.snd_una(), sender_.snd_max())) {
      env_.counts.add(counter::tcp_congestion_echoes);
      sender_.congestion_marked(now);
    }
  }
  if (seg.length() > 0 && is_open()) take_text(seg, now);
  return verdict::fine;
}

connection::verdict connection::arrived_in_syn_sent(const segment& seg, time_point now) {
  if (seg.flags.ack && (seg.ack <= sender_.iss() || seg.ack > sender_.snd_max())) {
    env_.counts.add(counter::tcp_bad_ack);
    return seg.flags.rst ? verdict::fine : verdict::reset;
  }
  if (seg.flags.rst) {
    if (seg.flags.ack) {
      env_.counts.add(counter::tcp_connections_refused);
      fail(error::refused);
    }
    return verdict::fine;
  }
  if (!seg.flags.syn) return verdict::fine;
  last_heard_ = now;
  learn_peer(seg, now);
  receiver_.acknowledge_now();
  if (!seg.flags.ack) {  // simultaneous open: both have sent a SYN
    state_ = state::syn_received;
    return verdict::fine;
  }
  sender_.acknowledged(seg, clock_.round_trip(seg, now), now);
  sender_.set_give_up(user_timeout_ > duration::zero() ? user_timeout_ : env_.defaults.give_up);
  state_ = state::established;
  if (sender_.is_finishing()) state_ = state::fin_wait_1;
  env_.counts.add(counter::tcp_connections_opened);
  if (!seg.payload.empty() || seg.flags.fin) take_text(seg, now);
  return verdict::fine;
}

// Fifth: the acknowledgement.
connection::belief connection::acknowledge(const segment& seg, time_point now) {
  if (state_ == state::syn_received) {
    if (seg.ack <= sender_.snd_una() || seg.ack > sender_.snd_max()) {
      env_.counts.add(counter::tcp_bad_ack);
      return belief::nonsense;
    }
    sender_.acknowledged(seg, clock_.round_trip(seg, now), now);
    sender_.set_give_up(user_timeout_ > duration::zero() ? user_timeout_ : env_.defaults.give_up);
    state_ = sender_.is_finishing() ? state::fin_wait_1 : state::established;
    env_.counts.add(passive_ ? counter::tcp_connections_accepted : counter::tcp_connections_opened);
    return belief::taken;
  }
  // What was never sent cannot be acknowledged, neither what is to come nor what would lie before our first
  // number; nor what lies a window behind (RFC 5961 §5.2).
  if (seg.ack > sender_.snd_max() || seg.ack < sender_.snd_una() - sender_.furthest_behind()) {
    env_.counts.add(counter::tcp_bad_ack);
    challenge(now);
    return belief::refused;
  }
  sender_.acknowledged(seg, clock_.round_trip(seg, now), now);
  if (!sender_.fin_acknowledged()) return belief::taken;
  if (state_ == state::fin_wait_1) {
    state_ = state::fin_wait_2;
    if (orphan_) linger_until_ = now + env_.defaults.fin_wait_2;
  } else if (state_ == state::closing) {
    finish(true);
  } else if (state_ == state::last_ack) {
    finish(false);
  }
  return belief::taken;
}

// Seventh and eighth: payload and FIN.
void connection::take_text(const segment& seg, time_point now) {
  const bool receiving =
      state_ == state::established || state_ == state::fin_wait_1 || state_ == state::fin_wait_2;
  if (!receiving) {  // after the peer's FIN there is nothing; what comes is old
    receiver_.acknowledge_duplicate();
    return;
  }
  if (orphan_ && !seg.payload.empty() &&
      seg.seq + static_cast<std::uint32_t>(seg.payload.size()) > receiver_.rcv_nxt()) {
    // Nobody will ever read it: the sender has to know (RFC 9293 §3.6.1, RFC 2525 §2.17).
    env_.counts.add(counter::tcp_data_after_close);
    reset();
    return;
  }
  const auto taken = receiver_.text(seg, sender_.round_trip().smoothed(), now);
  if (!taken.finished) return;
  switch (state_) {
    case state::established: state_ = state::close_wait; break;
    case state::fin_wait_1: state_ = state::closing; break;
    case state::fin_wait_2: finish(true); break;
    case state::syn_sent:
    case state::syn_received:
    case state::close_wait:
    case state::closing:
    case state::last_ack:
    case state::closed: break;
  }
}

void connection::challenge(time_point now) {
  if (!env_.challenges.take(now)) {
    env_.counts.add(counter::tcp_challenge_limited);
    return;
  }
  env_.counts.add(counter::tcp_challenge_acks);
  receiver_.acknowledge_duplicate();
}

void connection::unreachable(sequence seq, bool hard) {
  if (!is_open() || seq < sender_.snd_una() || seq >= sender_.snd_max()) {
    env_.counts.add(counter::icmp_error_ignored);
    return;
  }
  // Once synchronized, retransmission finds out by itself whether the path is dead; an ICMP error that
  // anybody may have made must not kill the connection (RFC 5927 §5.2).
  if (!synchronized() && !passive_ && hard) fail(error::unreachable);
}

void connection::path_shrunk(sequence seq, std::uint32_t mtu) {
  // No link is smaller (RFC 8200 §5; RFC 791 promises less, and no link that is in use makes use of that).
  const std::uint32_t least_mtu = id_.remote.address.is_v4() ? 576 : 1280;
  if (!is_open() || seq < sender_.snd_una() || seq >= sender_.snd_max() || mtu < least_mtu) {
    env_.counts.add(counter::icmp_error_ignored);
    return;
  }
  sender_.path_shrunk(mtu - environment::header_bytes(id_) - (clock_.agreed() ? timestamp_size : 0));
}

// --- Ends ------------------------------------------------------------------------------------------------

void connection::fail(error e) {
  failure_ = e;
  state_ = state::closed;
  sender_.queue().clear();
}

void connection::finish(bool time_wait) {
  time_waits_ = time_wait;
  state_ = state::closed;
}

void connection::shutdown_write() {
  switch (state_) {
    case state::established: state_ = state::fin_wait_1; break;
    case state::close_wait: state_ = state::last_ack; break;
    case state::syn_sent:
    case state::syn_received: break;  // FIN follows once the handshake is done
    case state::fin_wait_1:
    case state::fin_wait_2:
    case state::closing:
    case state::last_ack:
    case state::closed: return;
  }
  sender_.finish();
}

void connection::close(time_point now) {
  orphan_ = true;
  watched_by = nullptr;
  sender_.abandon();
  if (!is_open()) {
    receiver_.discard();
    return;
  }
  if (state_ == state::syn_sent) {
    state_ = state::closed;  // nobody knows of it yet
    return;
  }
  if (receiver_.readable() > 0) {
    reset();
    return;
  }
  shutdown_write();
  if (state_ == state::fin_wait_2) linger_until_ = now + env_.defaults.fin_wait_2;
}

void connection::abort() {
  // Both sides have said all: there is nothing left that a RST would undo (RFC 9293 §3.10.5).
  const bool said_all = state_ == state::closing || state_ == state::last_ack;
  reset();
  if (!said_all) return;
  reset_due_ = false;
  state_ = state::closed;
}

void connection::reset() {
  receiver_.discard();
  if (!is_open()) return;
  sender_.queue().clear();
  failure_ = error::closed;
  if (state_ == state::syn_sent) {
    state_ = state::closed;
  } else {
    reset_due_ = true;
  }
}

// --- The program -----------------------------------------------------------------------------------------

std::expected<std::size_t, error> connection::write(wire::bytes data) {
  if (failure_) return std::unexpected{*failure_};
  if (sender_.is_finishing() || !is_open()) return std::unexpected{error::closed};
  return sender_.write(data);
}

std::expected<void, error> connection::lend(wire::bytes data) {
  if (failure_) return std::unexpected{*failure_};
  if (sender_.is_finishing() || !is_open()) return std::unexpected{error::closed};
  if (!sender_.lend(data)) return std::unexpected{error::exhausted};
  return {};
}

void connection::settle(bool unsent) {
  if (!(unsent ? sender_.settle() : sender_.withdraw())) reset();
}

void connection::set_user_timeout(duration limit) {
  user_timeout_ = limit;
  if (synchronized()) sender_.set_give_up(limit > duration::zero() ? limit : env_.defaults.give_up);
}

void connection::was_answered(time_point now) {
  outgoing syn;
  syn.seq = sender_.iss();
  syn.flags.syn = syn.flags.ack = true;
  syn.ack = receiver_.rcv_nxt();
  syn.window = receiver_.window_field(true);
  syn.is_retransmission = true;  // when it went out is not known: no round trip is measured
  sent(syn, now);
}

tcp::info connection::info() const {
  const auto& s = sender_;
  return {.state = to_string(state_),
          .round_trip = s.round_trip().smoothed(),
          .variation = s.round_trip().variation(),
          .least_round_trip = s.recent_acknowledgement().least_round_trip(),
          .timeout = s.timeout(),
          .delivery_rate = s.delivery_rate(),
          .segment_size = s.mss(),
          .reordering_seen = s.recent_acknowledgement().reordering_seen(),
          .congestion_window = s.congestion_window(),
          .slow_start_threshold = s.congestion().slow_start_threshold(),
          .in_flight = s.under_way().pipe(),
          .sacked = s.under_way().sacked(),
          .lost = s.under_way().lost(),
          .peer_window = s.window(),
          .retransmissions = s.retransmissions(),
          .expiries = s.expiries(),
          .is_recovering = s.is_recovering(),
          .send_buffer = s.limit(),
          .queued = s.queue().size(),
          .receive_buffer = receiver_.capacity(),
          .readable = receiver_.readable(),
          .timestamps = clock_.agreed(),
          .selective = selective_,
          .window_scaling = scaling_,
          .explicit_congestion = marks_.agreed()};
}

void connection::set_keep_alive(duration idle, time_point now) {
  keep_alive_ = idle;
  keep_alive_sent_ = 0;
  keep_alive_at_ = idle > duration::zero() ? now + idle : never;
}

// --- Time ------------------------------------------------------------------------------------------------

time_point connection::deadline() const {
  if (!is_open() || reset_due_) return never;
  return std::min({sender_.deadline(), receiver_.deadline(), linger_until_, keep_alive_at_});
}

void connection::expired(time_point now) {
  if (!is_open()) return;
  receiver_.expired(now);
  if (sender_.deadline() <= now && !sender_.expired(now)) {
    env_.counts.add(counter::tcp_connections_timed_out);
    fail(error::timed_out);
    return;
  }
  if (linger_until_ <= now) {
    finish(false);  // the peer never closed its side; if it still speaks it is told by RST
    return;
  }
  if (keep_alive_at_ <= now) {
    const bool applies = synchronized() && sender_.snd_una() == sender_.snd_max();
    if (applies && keep_alive_sent_ >= env_.defaults.keep_alive_probes) {
      env_.counts.add(counter::tcp_connections_timed_out);
      fail(error::timed_out);
      return;
    }
    if (applies) {
      ++keep_alive_sent_;
      keep_alive_due_ = true;
    }
    keep_alive_at_ = now + env_.defaults.keep_alive_interval;
  }
}

}  // namespace aster::net::tcp
