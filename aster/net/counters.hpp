// What the stack has seen and why it dropped what it dropped: one number per cause, so that "it does not
// answer" always has an explanation.
//
//   for (auto c : net::counters::all()) std::println("{} {}", net::to_string(c), stack.counters()[c]);
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aster::net {

/// Names are `layer_cause`; `to_string` gives the same words.
enum class counter : std::uint8_t {
  frames_received,
  frames_sent,
  memory_exhausted,       // frames dropped because the heap was
  device_full,            // transmit refused; the frame was kept (TCP) or dropped (the rest)
  bytes_copied_received,  // payload copied from frames to buffers or readers
  bytes_copied_sent,      // payload copied from callers to send buffers
  ethernet_malformed,     // shorter than its header
  ethernet_not_for_us,    // another station's address
  ethernet_unknown_type,  // neither ARP nor IPv4 nor, where it is spoken, IPv6
  arp_malformed,
  arp_conflict,    // somebody else claims our address
  arp_ignored,     // we have no address yet, or it is our own frame
  arp_unresolved,  // packets dropped: no answer from the neighbour
  arp_queue_full,  // packets dropped while waiting for an answer
  ipv4_malformed,  // version, lengths
  ipv4_checksum,
  ipv4_source,  // a source address that no host can have
  ipv4_not_for_us,
  ipv4_options,  // source routes are refused
  ipv4_unknown_protocol,
  ipv4_no_route,
  ipv4_ttl,             // nothing to do with it here: counted when we would have to forward
  forwarded,            // packets passed on to another interface
  forward_martian,      // from or to an address that no router passes on
  forward_source,       // from where the answer would not go (RFC 3704)
  forward_too_large,    // for the next link, and not to be cut
  forward_filtered,     // by the program's hook
  forward_unsupported,  // large segments of a kind that is not cut here
  fragments_received,
  fragments_duplicate,    // exact copies
  fragments_malformed,    // lengths, offsets, contradicting marks of congestion
  fragments_overlapping,  // datagrams given up: nobody who is honest makes such (RFC 5722)
  fragments_refused,      // … and what still came of those that were given up
  fragments_limit,        // datagrams given up for others: bytes, count, share of their source
  fragments_timed_out,    // datagrams that were never complete
  fragments_reassembled,  // datagrams
  fragments_sent,
  igmp_malformed,
  igmp_queries,
  igmp_reports,
  ipv6_malformed,  // version, lengths, extension headers that make no sense
  ipv6_refused,    // extension headers that ask for what we do not do; their senders are told
  ipv6_source,     // a source or destination address that no packet can have
  ipv6_not_for_us,
  ipv6_unknown_protocol,
  ipv6_no_route,
  ndp_malformed,  // or not of this link
  ndp_conflict,   // somebody else has the address that we wanted
  ndp_limit,      // announced by a router and not remembered: enough of it
  icmp_malformed,
  icmp_checksum,
  icmp_echo_answered,
  icmp_echo_ignored,  // to everybody, or from nobody
  icmp_rate_limited,
  icmp_error_received,
  icmp_error_ignored,  // does not match anything sent (RFC 5927)
  icmp_unknown_type,
  udp_malformed,
  udp_checksum,
  udp_no_port,
  udp_queue_full,
  udp_received,
  udp_sent,
  tcp_malformed,
  tcp_checksum,
  tcp_segments_received,
  tcp_segments_sent,
  tcp_connections_opened,    // by us
  tcp_connections_accepted,  // handed to a listener's queue
  tcp_connections_reset,     // by the other side
  tcp_connections_timed_out,
  tcp_connections_refused,   // attempts of ours that were refused
  tcp_no_listener,           // answered with RST
  tcp_stray,                 // of no connection, and not to be answered: RST, or neither SYN nor ACK
  tcp_backlog_full,          // SYN dropped: no place in the listener's queue
  tcp_cookies_sent,          // SYN answered by a cookie (RFC 4987): no place for another handshake
  tcp_cookies_returned,      // … and finished
  tcp_half_open_evicted,     // the oldest unanswered handshake gave its place to a new one
  tcp_connection_limit,      // SYN dropped: the stack's limit of connections
  tcp_memory_limit,          // payload dropped: the stack's memory budget
  tcp_out_of_window,         // segments outside the window, answered with an ACK
  tcp_out_of_order,          // segments that left a gap
  tcp_out_of_order_dropped,  // … and found no place
  tcp_duplicate_payload,     // segments with nothing new
  tcp_bad_ack,               // acknowledgements of what was never sent
  tcp_bad_reset,             // RST in the window but not at its edge (RFC 5961 §3)
  tcp_bad_syn,               // SYN on a synchronized connection (RFC 5961 §4)
  tcp_challenge_acks,
  tcp_challenge_limited,  // challenge ACK not sent: rate limit (RFC 5961 §7)
  tcp_resets_sent,
  tcp_retransmissions,
  tcp_timeouts,  // of the retransmission timer
  tcp_fast_retransmits,
  tcp_tail_probes,        // of a silent tail (RFC 8985 §7)
  tcp_sent_in_vain,       // reports of a duplicate (D-SACK, RFC 2883)
  tcp_reductions_undone,  // all that was sent again had been sent in vain (RFC 3708)
  tcp_bad_sack,           // blocks that name what was never sent
  tcp_old_timestamp,      // dropped: of an earlier round of sequence numbers (PAWS, RFC 7323 §5)
  tcp_no_timestamp,       // dropped: without the option on a connection that agreed on it
  tcp_congestion_marks,   // segments that a router has marked (RFC 3168)
  tcp_congestion_echoes,  // … and ours, as the peer says: the window was reduced
  tcp_window_probes,
  tcp_path_probes,  // segments larger than what is known to get through (RFC 4821)
  tcp_black_holes,  // large segments vanish: smaller ones are tried (RFC 4821)
  tcp_keep_alive_probes,
  tcp_data_after_close,   // payload for a stream that nobody reads any more, answered with RST
  tcp_time_wait_reused,   // a new SYN took over a connection in TIME-WAIT
  tcp_time_wait_evicted,  // the oldest left early, the table was full
  dhcp_malformed,
  dhcp_ignored,  // for another client, or not expected in this state
  count_
};

std::string_view to_string(counter c);

class counters {
 public:
  constexpr std::uint64_t operator[](counter c) const { return values_[static_cast<std::size_t>(c)]; }
  constexpr void add(counter c, std::uint64_t n = 1) { values_[static_cast<std::size_t>(c)] += n; }

  static constexpr auto all() {
    std::array<counter, static_cast<std::size_t>(counter::count_)> list{};
    for (std::size_t i = 0; i < list.size(); ++i) list[i] = static_cast<counter>(i);
    return list;
  }

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(counter::count_)> values_{};
};

}  // namespace aster::net
