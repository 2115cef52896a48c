// Sequence numbers: positions in a stream, modulo 2^32 (RFC 9293 §3.4). Comparison means "comes before",
// which is right for any two positions less than 2^31 apart.
#pragma once
#include <cstdint>

namespace aster::net::tcp {

struct sequence {
  std::uint32_t value = 0;

  friend constexpr sequence operator+(sequence s, std::uint32_t n) { return {s.value + n}; }
  friend constexpr sequence operator-(sequence s, std::uint32_t n) { return {s.value - n}; }
  constexpr sequence& operator+=(std::uint32_t n) { return value += n, *this; }

  /// How far `a` lies behind `b`; negative when it comes before.
  friend constexpr std::int32_t operator-(sequence a, sequence b) {
    return static_cast<std::int32_t>(a.value - b.value);
  }
  friend constexpr bool operator==(sequence, sequence) = default;
  friend constexpr bool operator<(sequence a, sequence b) { return a - b < 0; }
  friend constexpr bool operator>(sequence a, sequence b) { return a - b > 0; }
  friend constexpr bool operator<=(sequence a, sequence b) { return a - b <= 0; }
  friend constexpr bool operator>=(sequence a, sequence b) { return a - b >= 0; }
};

constexpr sequence later(sequence a, sequence b) { return a < b ? b : a; }

/// `a - b` where `a` is known not to come before `b`.
constexpr std::uint32_t distance(sequence b, sequence a) { return a.value - b.value; }

}  // namespace aster::net::tcp
