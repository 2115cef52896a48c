// Putting datagrams together again that a sender or a router had to cut (RFC 791 §3.2, RFC 8200 §4.5).
//
//   const auto r = fragments.arrived({.from = {source, destination, id, protocol}, .head = ip_header,
//                                     .offset = 1480, .more = false, .payload = rest}, now);
//   if (r.what == reassembly::verdict::complete) use(r.packet);
//
// It is the one place where a stranger can make a host keep bytes without a handshake, so everything about it
// is limited: bytes in all, bytes of one source, datagrams, fragments of one datagram, and time. Who goes
// beyond its share loses its own oldest datagrams; when all is used up the oldest of anybody leaves, so that
// an attacker must send the whole budget between the first and the last fragment of a datagram to hurt it.
// Memory is taken for bytes that have arrived and never for gaps: one short fragment at a high offset costs
// what it carries.
//
// Fragments that overlap are an attack on whoever filters by the first of them (RFC 1858, RFC 5722): the
// datagram is given up, and what still comes of it is refused until it would have timed out. That is asked of
// IPv6; for IPv4 we do the same, because no sender makes such fragments. Exact copies are dropped alone:
// networks make them (RFC 8200 §4.5).
//
// Sans-I/O and of no family: the caller knows the headers.
#pragma once
#include <cstdint>
#include <vector>

#include "aster/net/address.hpp"
#include "aster/net/counters.hpp"
#include "aster/net/time.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net {

class reassembly {
 public:
  static constexpr std::size_t byte_limit = 512 * 1024;
  static constexpr std::size_t source_limit = 192 * 1024;  // two of the largest datagrams and some
  static constexpr std::size_t datagram_limit = 128;       // refused ones included
  static constexpr std::size_t fragment_limit = 128;       // of one datagram: 64 KiB at an MTU of 576
  static constexpr std::size_t fragment_cost = 64;         // charged for each, besides its bytes
  static constexpr std::size_t head_limit = 256;           // of headers in front of the fragment
  static constexpr std::size_t largest = 65535;            // payload of a whole datagram
  /// RFC 791 §3.2 begins with 15 s, and RFC 1122 §3.3.2 would rather have 60: but the 16 bits of the
  /// identification come round in less at today's rates, and then two datagrams are mixed (RFC 4963).
  static constexpr duration lifetime_v4 = std::chrono::seconds{15};
  static constexpr duration lifetime_v6 = std::chrono::seconds{60};  // RFC 8200 §4.5

  explicit reassembly(counters& counts) : counts_(counts) {}

  /// What makes fragments belong together. `protocol` is 0 for IPv6, which does not count it in.
  struct origin {
    ip_address source;
    ip_address destination;
    std::uint32_t identification = 0;
    std::uint8_t protocol = 0;
    friend bool operator==(const origin&, const origin&) = default;
  };

  struct fragment {
    origin from;
    wire::bytes head;        // the headers before it, which each fragment carries: at most `head_limit`
    std::size_t offset = 0;  // of `payload` in the datagram's; a multiple of 8
    bool more = false;       // others follow
    wire::bytes payload;
    std::uint8_t congestion = 0;  // the two bits of RFC 3168
    duration lifetime = lifetime_v4;
  };

  enum class verdict {
    waiting,    // kept, or an exact copy of what is there
    complete,   // here it is
    malformed,  // not the last and no multiple of 8 long, or empty (RFC 8200: parameter problem)
    too_large,  // it would end beyond `largest` (the same)
    refused,    // overlap, limits, or part of a datagram that was given up
  };

  struct result {
    verdict what = verdict::waiting;
    std::vector<std::byte> packet;  // complete: the first fragment's head, as it came, and the whole payload
    std::size_t head_size = 0;
    std::uint8_t congestion = 0;  // of the whole (RFC 3168 §5.3)
  };

  /// Takes a fragment. May throw std::bad_alloc, which loses the fragment.
  result arrived(const fragment& f, time_point now);

  /// Gives up what has waited too long. `failed(quote)` for each whose first fragment was there: head and
  /// payload of that one, for an ICMP error (RFC 1122 §3.3.2, RFC 8200 §4.5).
  template <typename Function>
  void expired(time_point now, Function&& failed) {
    while (const datagram* d = due(now)) {
      if (!d->is_refused && !d->fragments.empty() && d->fragments.front().offset == 0) {
        std::vector<std::byte> quote = d->head;
        quote.insert(quote.end(), d->fragments.front().bytes.begin(), d->fragments.front().bytes.end());
        failed(wire::bytes{quote});
      }
      drop(*d);
    }
  }
  time_point deadline() const;

  std::size_t size() const { return datagrams_.size(); }
  /// Bytes that are charged; at most `byte_limit`.
  std::size_t in_use() const { return in_use_; }

 private:
  struct part {
    std::size_t offset;
    std::vector<std::byte> bytes;
    std::size_t end() const { return offset + bytes.size(); }
    std::size_t cost() const { return bytes.size() + fragment_cost; }
  };
  struct datagram {
    origin from;
    time_point until;
    std::vector<std::byte> head;  // of the first fragment
    std::vector<part> fragments;  // in order, without overlap
    std::size_t total = 0;        // payload bytes; 0: the last fragment is not there yet
    std::size_t arrived = 0;      // payload bytes
    std::size_t cost = 0;
    std::uint8_t congestion = 0;  // a bit for each of the four code points that were seen
    std::uint8_t first_congestion = 0;
    bool is_refused = false;
  };

  datagram& find_or_make(const fragment& f, time_point now);
  result refuse(datagram& d, counter why);
  bool make_room(const datagram& for_this, std::size_t cost);
  result complete(const datagram& d);
  const datagram* due(time_point now);
  void drop(const datagram& d);

  counters& counts_;
  std::vector<datagram> datagrams_;  // oldest first
  std::size_t in_use_ = 0;
};

}  // namespace aster::net
