// The numbers that decide how a connection behaves, with the reason for each.
#pragma once
#include <cstdint>

#include "aster/net/time.hpp"

namespace aster::net::tcp {

enum class congestion_algorithm : std::uint8_t { cubic, new_reno };

struct settings {
  /// Bytes buffered in each direction of one connection: at first, and at most. Between the two the buffer
  /// follows the path, as long as the stack's memory is not scarce: the receiver's is twice what its reader
  /// took in a round trip, the sender's twice the congestion window.
  std::uint32_t receive_buffer = 64 * 1024;
  std::uint32_t send_buffer = 64 * 1024;
  std::uint32_t most_receive_buffer = 4 * 1024 * 1024;
  std::uint32_t most_send_buffer = 4 * 1024 * 1024;

  /// Small segments go out at once. The stack gathers all writes of a round before it sends, so Nagle's
  /// rule (RFC 896) would only add a round trip to answers.
  bool no_delay = true;

  /// How the congestion window grows: RFC 9438, or RFC 5681 with RFC 6582.
  congestion_algorithm congestion = congestion_algorithm::cubic;

  /// A window is let out over the round trip, not in one burst.
  bool pacing = true;

  /// What our SYN offers, and our SYN-ACK agrees to: selective acknowledgement (RFC 2018), timestamps and
  /// with them PAWS (RFC 7323).
  bool selective_acknowledgement = true;
  bool timestamps = true;

  /// Explicit congestion notification (RFC 3168): agree when the peer asks for it, as kernels do; and ask
  /// for it ourselves.
  bool accept_congestion_marks = true;
  bool request_congestion_marks = false;

  /// How long a lone small segment waits for data to carry its acknowledgement (RFC 9293 §3.8.6.3 allows
  /// 500 ms; 40 ms is what peers are used to).
  duration delayed_ack = std::chrono::milliseconds{40};

  /// RFC 6298 §2: 1 s before anything was measured.
  duration initial_rto = std::chrono::seconds{1};
  /// RFC 6298 §2.4 recommends 1 s as the least; kernels have used 200 ms for decades, which still lies
  /// above the delayed acknowledgements of all peers.
  duration least_rto = std::chrono::milliseconds{200};
  duration most_rto = std::chrono::seconds{60};

  /// Nothing acknowledged for so long: the connection is given up (RFC 9293 §3.8.3: R2, at least 100 s).
  duration give_up = std::chrono::seconds{120};
  /// The same for a SYN (at least three minutes), and for the SYN-ACK, which costs a place in the backlog.
  duration give_up_connecting = std::chrono::seconds{180};
  duration give_up_accepting = std::chrono::seconds{60};
  /// How long a connection that the program has closed waits for the other side's FIN.
  duration fin_wait_2 = std::chrono::seconds{60};

  /// 2 MSL with an MSL of 30 s, as kernels have it.
  duration time_wait = std::chrono::seconds{60};
  std::size_t time_wait_limit = 8192;  // connections remembered; 100 bytes each

  /// Probes of an idle connection, once `connection::set_keep_alive` turned them on.
  duration keep_alive_interval = std::chrono::seconds{75};
  std::uint32_t keep_alive_probes = 9;

  /// A full queue of handshakes answers by cookies (RFC 4987 §3.6) instead of not at all.
  bool cookies = true;

  /// Out-of-order ranges that one connection keeps apart. More gaps than that: newer ones are dropped.
  static constexpr std::size_t gap_limit = 64;
};

}  // namespace aster::net::tcp
