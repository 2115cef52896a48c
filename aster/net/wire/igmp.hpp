// IGMP (RFC 1112, 2236, 3376): routers and switches ask who listens to which multicast group; hosts report.
#pragma once
#include <optional>
#include <span>

#include "aster/net/address.hpp"
#include "aster/net/time.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

struct igmp {
  static constexpr std::uint8_t protocol = 2;
  static constexpr std::size_t size = 8;         // of everything but version 3's messages
  static constexpr std::size_t record_size = 8;  // of a version 3 report, without sources
  enum class kind : std::uint8_t {
    query = 0x11,
    report_v1 = 0x12,
    report_v2 = 0x16,
    leave = 0x17,
    report_v3 = 0x22,
  };
  enum class change : std::uint8_t { listens = 2, begins = 4, ends = 3 };  // RFC 3376 §4.2.12, no sources

  kind type = kind::query;
  std::uint8_t version = 3;              // of a query, by its form (RFC 3376 §7.1)
  duration patience = duration::zero();  // query: answer within
  ipv4_address group;                    // unspecified: all groups are asked for

  /// Nothing for messages that are cut short, damaged or of another kind. Of a version 3 report only the type
  /// is read, and the sources of a query are ignored: who listens to all sources answers all of them alike.
  static std::optional<igmp> parse(bytes message);

  /// Writes a message of `size` bytes, of version 1 or 2.
  static void emit(mutable_bytes out, kind type, ipv4_address group);

  struct record {
    change what = change::listens;
    ipv4_address group;
  };
  /// Writes a version 3 report of 8 bytes and 8 for each record.
  static void emit(mutable_bytes out, std::span<const record> records);
};

}  // namespace aster::net::wire
