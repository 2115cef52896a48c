// The TCP header and its options (RFC 9293 §3.1, RFC 7323, RFC 2018, RFC 3168).
#pragma once
#include <array>
#include <expected>
#include <optional>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct tcp_flags {
  bool fin = false;
  bool syn = false;
  bool rst = false;
  bool psh = false;
  bool ack = false;
  bool ece = false;  // congestion was experienced; in a SYN: marks are understood (RFC 3168)
  bool cwr = false;  // … and the window was reduced
  friend bool operator==(const tcp_flags&, const tcp_flags&) = default;
};

/// Options, as far as they are understood; others are skipped (RFC 9293 §3.1: MUST-6).
struct tcp_options {
  std::optional<std::uint16_t> maximum_segment_size;  // in a SYN
  std::optional<std::uint8_t> window_scale;           // in a SYN; a shift, at most 14 (RFC 7323 §2.3)
  bool sack_permitted = false;                        // in a SYN
  struct timestamp {
    std::uint32_t value = 0;
    std::uint32_t echo = 0;
    friend bool operator==(const timestamp&, const timestamp&) = default;
  };
  std::optional<timestamp> timestamps;
  struct block {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    friend bool operator==(const block&, const block&) = default;
  };
  std::array<block, 4> sack{};
  std::uint8_t sack_count = 0;

  static constexpr std::size_t limit = 40;  // bytes that options can take

  /// Nothing when the list contradicts itself (a length of 0, or past the end).
  static std::optional<tcp_options> parse(bytes list);
  /// Bytes that `emit` will write: a multiple of four.
  std::size_t size() const;
  void emit(mutable_bytes out) const;
  friend bool operator==(const tcp_options&, const tcp_options&) = default;
};

struct tcp {
  static constexpr std::size_t least_size = 20;
  static constexpr std::size_t largest_size = 60;
  static constexpr std::size_t checksum_offset = 16;

  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  tcp_flags flags;
  std::uint16_t window = 0;  // as it stands in the header, not scaled
  tcp_options options;

  enum class fault { malformed, bad_checksum };
  struct parsed;

  /// `verify` false: the device has checked the sum, or has yet to fill it in.
  static std::expected<parsed, fault> parse(bytes segment, const ip_address& source,
                                            const ip_address& destination, bool verify = true);

  std::size_t size() const { return least_size + options.size(); }

  /// Writes `size()` bytes with a checksum of zero: it covers the payload, which lies elsewhere.
  void emit(mutable_bytes out) const;
  friend bool operator==(const tcp&, const tcp&) = default;
};

struct tcp::parsed {
  tcp header;
  bytes payload;
};

}  // namespace aster::net::wire
