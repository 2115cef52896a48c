// What one connection knows about its path and its peer, as `struct tcp_info` of kernels: for logs, for
// metrics, and for programs that choose a bit rate.
//
//   const net::tcp::info i = stream.info();
//   if (i.lost > 0) log("{} bytes lost, {} in flight", i.lost, i.in_flight);
#pragma once
#include <cstdint>
#include <string_view>

#include "aster/net/time.hpp"

namespace aster::net::tcp {

struct info {
  std::string_view state;  // as RFC 9293 writes it

  // The path, as the sender measures it; zero before anything was measured.
  duration round_trip{};  // smoothed (RFC 6298)
  duration variation{};
  duration least_round_trip{};
  duration timeout{};              // of the retransmission timer, backed off
  double delivery_rate = 0;        // bytes a second over the last round trip
  std::uint32_t segment_size = 0;  // most payload of one segment
  bool reordering_seen = false;

  // What is under way, in bytes.
  std::uint32_t congestion_window = 0;
  std::uint32_t slow_start_threshold = 0;  // 2^30: no loss yet
  std::uint32_t in_flight = 0;             // sent, and neither reported nor lost
  std::uint32_t sacked = 0;
  std::uint32_t lost = 0;  // noticed, not yet sent again
  std::uint32_t peer_window = 0;
  std::uint32_t retransmissions = 0;  // segments sent again since the beginning
  std::uint8_t expiries = 0;          // of the timer, since the last progress
  bool is_recovering = false;

  // Buffers, in bytes: their present limits, which follow the path.
  std::size_t send_buffer = 0, queued = 0;
  std::size_t receive_buffer = 0, readable = 0;

  // What both sides agreed on.
  bool timestamps = false;
  bool selective = false;
  bool window_scaling = false;
  bool explicit_congestion = false;
};

}  // namespace aster::net::tcp
