// Segments as the machines take and give them: what the TCP header says, without ports and checksum.
#pragma once
#include <cstdint>

#include "aster/net/tcp/sequence.hpp"
#include "aster/net/wire/tcp.hpp"

namespace aster::net::tcp {

/// A segment that arrived. Its payload lies in the frame: whoever wants to keep it copies it.
struct segment {
  sequence seq;
  sequence ack;  // means something when flags.ack
  wire::tcp_flags flags;
  std::uint16_t window = 0;  // as it stood in the header
  wire::tcp_options options;
  wire::bytes payload;
  bool congestion_experienced = false;  // a router has marked the packet (RFC 3168)

  /// Sequence numbers that it occupies: SYN and FIN count as one each.
  std::uint32_t length() const {
    return static_cast<std::uint32_t>(payload.size()) + (flags.syn ? 1 : 0) + (flags.fin ? 1 : 0);
  }
};

/// A segment to be sent. Its payload is named, not held: `connection::gather` describes it.
struct outgoing {
  sequence seq;
  sequence ack;
  wire::tcp_flags flags;
  std::uint16_t window = 0;
  wire::tcp_options options;
  std::uint32_t payload_size = 0;
  std::uint16_t segment_size = 0;  // payload bytes a segment, when the device has to cut it; else 0
  bool is_probe = false;           // of a closed window
  bool is_retransmission = false;
  bool takes_marks = false;    // routers may mark it instead of dropping it (RFC 3168 §6.1)
  bool is_tail_probe = false;  // RFC 8985 §7.3
  bool is_path_probe = false;  // larger than what is known to get through (RFC 4821)

  std::uint32_t length() const { return payload_size + (flags.syn ? 1 : 0) + (flags.fin ? 1 : 0); }
};

}  // namespace aster::net::tcp
