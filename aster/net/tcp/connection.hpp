// One TCP connection: the state machine of RFC 9293 §3.3.2 around a sender and a receiver.
//
// Segments and time come in; segments to send and a time to wake up go out. It never asks a clock, never
// blocks, never sends by itself:
//
//   connection c = …;                             // tcp::host makes them
//   c.arrived(segment, now);                      // a segment of this connection
//   c.expired(now);                               // at or after c.deadline()
//   while (auto out = c.next(now)) {              // what is to be sent, one segment after another
//     if (!transmit(*out)) break;                 // the device is full: nothing has happened yet
//     c.sent(*out, now);
//   }
//
// A connection in TIME-WAIT needs no more than its numbers: it turns to `closed` with `time_waits()` true,
// and whoever keeps the table remembers it there.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>

#include "aster/net/address.hpp"
#include "aster/net/byte_stream.hpp"
#include "aster/net/rate_limit.hpp"
#include "aster/net/siphash.hpp"
#include "aster/net/tcp/congestion_marks.hpp"
#include "aster/net/tcp/info.hpp"
#include "aster/net/tcp/receiver.hpp"
#include "aster/net/tcp/segment.hpp"
#include "aster/net/tcp/sender.hpp"
#include "aster/net/tcp/settings.hpp"
#include "aster/net/tcp/timestamps.hpp"

namespace aster::net::tcp {

/// Both ends, as seen from here; of one family.
struct connection_id {
  endpoint local;
  endpoint remote;
  friend bool operator==(const connection_id&, const connection_id&) = default;
};

/// What all connections of a host share. Outlives them.
struct environment {
  const settings& defaults;
  chunk_pool& pool;
  counters& counts;
  rate_limit challenges;  // RFC 5961 §7: challenge ACKs of all connections
  std::uint32_t mtu;      // largest IP packet on our link
  bool segmentation4;     // the device cuts segments of up to 64 KiB for us
  bool segmentation6;
  flight_pool& flights;
  siphash_key clock_key{};  // hides our clock in timestamps

  /// What IP and TCP take of a packet between here and there, without options.
  static constexpr std::uint32_t header_bytes(const connection_id& id) {
    return (id.remote.address.is_v4() ? 20 : 40) + wire::tcp::least_size;
  }
  /// Largest payload of a segment on our link.
  std::uint32_t mss(const connection_id& id) const { return mtu - header_bytes(id); }
  /// Largest payload of one `outgoing`: `mss`, or what fits one IP packet of 65,535 bytes, options and all,
  /// when the device segments.
  std::uint32_t burst(const connection_id& id) const {
    const bool cut = id.remote.address.is_v4() ? segmentation4 : segmentation6;
    return cut ? 65535 - header_bytes(id) - wire::tcp_options::limit : mss(id);
  }
};

enum class state : std::uint8_t {
  syn_sent,
  syn_received,
  established,
  fin_wait_1,
  fin_wait_2,
  close_wait,
  closing,
  last_ack,
  closed,
};
std::string_view to_string(state s);

class connection {
 public:
  /// Whoever waits for the connection. Called from `arrived` and `expired` of the host, never from calls
  /// of the program's own; must not call back into the connection.
  class watcher {
   public:
    virtual void changed(connection&) noexcept = 0;

   protected:
    ~watcher() = default;
  };

  /// Our window scale: the window field counts 2^7 bytes, enough for 8 MiB, since the buffer may grow. A
  /// buffer for which that would be too coarse needs no scale.
  static constexpr std::uint8_t window_shift(const settings& s) {
    return s.most_receive_buffer < 16 * 1024 ? 0 : 7;
  }

  /// Active open: a SYN is to be sent.
  connection(environment& env, const connection_id& id, sequence iss, time_point now);
  /// Passive open: `syn` has arrived at a listener.
  connection(environment& env, const connection_id& id, sequence iss, const segment& syn, time_point now);

  /// The SYN-ACK went out when there was no connection yet (a cookie): its acknowledgement is to come.
  void was_answered(time_point now);

  const connection_id& id() const { return id_; }
  tcp::state state() const { return state_; }
  bool is_open() const { return state_ != state::closed; }
  /// After the orderly end on our initiative: the pair of ends must not be used anew for 2 MSL.
  bool time_waits() const { return time_waits_; }
  /// Why it closed, if not orderly.
  std::optional<error> failure() const { return failure_; }

  // --- The network ---
  /// What the segment's sender must be told beyond what `next` will say.
  enum class verdict { fine, reset };  // reset: RST as for a segment that belongs to no connection
  verdict arrived(const segment& seg, time_point now);

  /// ICMP says that a segment that began at `seq` did not arrive (RFC 5927: believed with care).
  void unreachable(sequence seq, bool hard);
  void path_shrunk(sequence seq, std::uint32_t mtu);

  time_point deadline() const;
  void expired(time_point now);

  std::optional<outgoing> next(time_point now);
  void sent(const outgoing& out, time_point now);
  std::size_t gather(const outgoing& out, std::span<wire::bytes> pieces, std::size_t& described) {
    return sender_.gather(out, pieces, described);
  }

  // --- The program ---
  /// Copies to the send buffer what finds room; returns how many bytes. After an error or
  /// `shutdown_write`: that error.
  std::expected<std::size_t, error> write(wire::bytes data);
  std::size_t room() const { return sender_.room(); }
  /// Keeps a reference to `data`, which must stay until `lent()` is zero or `settle` was called.
  std::expected<void, error> lend(wire::bytes data);
  /// Copies what is lent; `unsent` false: forgets what was not sent yet. If memory does not suffice the
  /// connection is aborted.
  void settle(bool unsent);
  std::size_t queued() const { return sender_.queue().size(); }  // written and not acknowledged
  std::size_t send_buffer() const { return sender_.limit(); }

  /// Copies what has arrived to `out`. 0: nothing yet, or the end (`at_end`).
  std::size_t read(wire::mutable_bytes out) { return receiver_.read(out); }
  std::size_t readable() const { return receiver_.readable(); }
  bool at_end() const { return receiver_.finished() && receiver_.readable() == 0; }
  void set_reader(wire::mutable_bytes out) { receiver_.set_reader(out); }
  std::size_t take_reader_bytes() { return receiver_.take_reader_bytes(); }
  /// The reader goes without what was copied to it: it can be read again.
  void return_reader_bytes() {
    if (!receiver_.return_reader_bytes()) abort();
  }
  /// Whether reading has opened the window so far that the peer should hear of it.
  bool has_window_news() const { return receiver_.owes_acknowledgement(); }

  void shutdown_write();
  /// The program has no more use for it: FIN after what was written; RST if it left bytes unread.
  void close(time_point now);
  /// RST, now; nothing of the kind when both sides have sent their FIN.
  void abort();

  void set_no_delay(bool on) { sender_.set_no_delay(on); }
  void set_cork(bool on) { sender_.set_cork(on); }
  void set_keep_alive(duration idle, time_point now);
  /// What is written and not acknowledged for so long ends the connection; zero: the host's default.
  void set_user_timeout(duration limit);
  tcp::info info() const;

  const tcp::sender& sender() const { return sender_; }
  const tcp::receiver& receiver() const { return receiver_; }
  const tcp::timestamps& clock() const { return clock_; }
  bool is_passive() const { return passive_; }
  bool is_orphan() const { return orphan_; }

  watcher* watched_by = nullptr;  // whoever holds the connection sets it; null: nobody

 private:
  verdict arrived_in_syn_sent(const segment& seg, time_point now);
  enum class belief { taken, refused, nonsense };  // nonsense: to be answered by RST
  belief acknowledge(const segment& seg, time_point now);
  void take_text(const segment& seg, time_point now);
  void learn_peer(const segment& syn, time_point now);
  void add_options(outgoing& out, time_point now) const;
  void add_marks(outgoing& out) const;
  /// Blocks that fit beside the options of every segment (RFC 2018 §3).
  std::size_t most_blocks() const { return clock_.agreed() ? 3 : 4; }
  void challenge(time_point now);
  void fail(error e);
  void finish(bool time_wait);
  void reset();  // RST, whatever the state
  bool synchronized() const { return state_ != state::syn_sent && state_ != state::syn_received; }

  environment& env_;
  connection_id id_;
  tcp::sender sender_;
  tcp::receiver receiver_;
  tcp::timestamps clock_;
  congestion_marks marks_;
  sequence last_ack_sent_;
  time_point last_heard_{};
  time_point linger_until_ = never;  // an orphan in FIN-WAIT-2 goes then
  duration keep_alive_{};            // zero: off
  duration user_timeout_{};          // zero: the host's default
  time_point keep_alive_at_ = never;
  std::optional<error> failure_;
  tcp::state state_;
  std::uint8_t keep_alive_sent_ = 0;
  bool passive_;
  bool scaling_ = false;  // both sides said how
  bool selective_ = false;
  bool orphan_ = false;  // the program has let go
  bool time_waits_ = false;
  bool reset_due_ = false;  // RST goes out, then nothing more
  bool keep_alive_due_ = false;
};

}  // namespace aster::net::tcp
