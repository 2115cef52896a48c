#include "aster/net/counters.hpp"

namespace aster::net {
namespace {

// In the order of the enumeration.
// (Of use while compiling only.)
constexpr std::string_view in_order[] = {
    "frames_received",
    "frames_sent",
    "memory_exhausted",
    "device_full",
    "bytes_copied_received",
    "bytes_copied_sent",
    "ethernet_malformed",
    "ethernet_not_for_us",
    "ethernet_unknown_type",
    "arp_malformed",
    "arp_conflict",
    "arp_ignored",
    "arp_unresolved",
    "arp_queue_full",
    "ipv4_malformed",
    "ipv4_checksum",
    "ipv4_source",
    "ipv4_not_for_us",
    "ipv4_options",
    "ipv4_unknown_protocol",
    "ipv4_no_route",
    "ipv4_ttl",
    "forwarded",
    "forward_martian",
    "forward_source",
    "forward_too_large",
    "forward_filtered",
    "forward_unsupported",
    "fragments_received",
    "fragments_duplicate",
    "fragments_malformed",
    "fragments_overlapping",
    "fragments_refused",
    "fragments_limit",
    "fragments_timed_out",
    "fragments_reassembled",
    "fragments_sent",
    "igmp_malformed",
    "igmp_queries",
    "igmp_reports",
    "ipv6_malformed",
    "ipv6_refused",
    "ipv6_source",
    "ipv6_not_for_us",
    "ipv6_unknown_protocol",
    "ipv6_no_route",
    "ndp_malformed",
    "ndp_conflict",
    "ndp_limit",
    "icmp_malformed",
    "icmp_checksum",
    "icmp_echo_answered",
    "icmp_echo_ignored",
    "icmp_rate_limited",
    "icmp_error_received",
    "icmp_error_ignored",
    "icmp_unknown_type",
    "udp_malformed",
    "udp_checksum",
    "udp_no_port",
    "udp_queue_full",
    "udp_received",
    "udp_sent",
    "tcp_malformed",
    "tcp_checksum",
    "tcp_segments_received",
    "tcp_segments_sent",
    "tcp_connections_opened",
    "tcp_connections_accepted",
    "tcp_connections_reset",
    "tcp_connections_timed_out",
    "tcp_connections_refused",
    "tcp_no_listener",
    "tcp_stray",
    "tcp_backlog_full",
    "tcp_cookies_sent",
    "tcp_cookies_returned",
    "tcp_half_open_evicted",
    "tcp_connection_limit",
    "tcp_memory_limit",
    "tcp_out_of_window",
    "tcp_out_of_order",
    "tcp_out_of_order_dropped",
    "tcp_duplicate_payload",
    "tcp_bad_ack",
    "tcp_bad_reset",
    "tcp_bad_syn",
    "tcp_challenge_acks",
    "tcp_challenge_limited",
    "tcp_resets_sent",
    "tcp_retransmissions",
    "tcp_timeouts",
    "tcp_fast_retransmits",
    "tcp_tail_probes",
    "tcp_sent_in_vain",
    "tcp_reductions_undone",
    "tcp_bad_sack",
    "tcp_old_timestamp",
    "tcp_no_timestamp",
    "tcp_congestion_marks",
    "tcp_congestion_echoes",
    "tcp_window_probes",
    "tcp_path_probes",
    "tcp_black_holes",
    "tcp_keep_alive_probes",
    "tcp_data_after_close",
    "tcp_time_wait_reused",
    "tcp_time_wait_evicted",
    "dhcp_malformed",
    "dhcp_ignored",
};
static_assert(std::size(in_order) == counters::all().size());

constexpr std::size_t total = [] {
  std::size_t size = 0;
  for (const std::string_view name : in_order) size += name.size();
  return size;
}();

// One text and where each name ends in it: an array of views would be pointers, each to be relocated, in
// every image.
struct packed {
  std::array<char, total> text{};
  std::array<std::uint16_t, std::size(in_order) + 1> ends{};  // of the one before
};
constexpr packed names = [] {
  packed p;
  std::size_t at = 0, i = 0;
  for (const std::string_view name : in_order) {
    for (const char c : name) p.text[at++] = c;
    p.ends[++i] = static_cast<std::uint16_t>(at);
  }
  return p;
}();

}  // namespace

std::string_view to_string(counter c) {
  const auto i = static_cast<std::size_t>(c);
  return {names.text.data() + names.ends[i], static_cast<std::size_t>(names.ends[i + 1] - names.ends[i])};
}

}  // namespace aster::net
