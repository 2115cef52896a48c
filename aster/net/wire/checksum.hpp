// The internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words.
//
//   checksum sum;
//   sum.add(pseudo_header);
//   sum.add(header);          // pieces may have odd lengths; the sum is that of their concatenation
//   sum.add(payload);
//   store16(header, 16, sum.value());
#pragma once
#include <cstdint>

#include "aster/net/address.hpp"
#include "aster/net/wire/byte_order.hpp"

namespace aster::net::wire {

class checksum {
 public:
  /// Adds bytes that follow those added before.
  void add(bytes data) noexcept;

  /// Adds one 16-bit word, given in host byte order. This and the next two only at an even position.
  void add_word(std::uint16_t word) noexcept { sum_ += to_native(word); }
  void add_word32(std::uint32_t words) noexcept {
    add_word(static_cast<std::uint16_t>(words >> 16));
    add_word(static_cast<std::uint16_t>(words));
  }

  void add(const ip_address& address) noexcept {
    for (const std::uint32_t words : std::bit_cast<std::array<std::uint32_t, 4>>(address.bytes()))
      sum_ += words;
  }

  /// The folded sum, not complemented, as a number in host order: what `net_header::needs_checksum` wants
  /// of a pseudo header.
  std::uint16_t folded() const noexcept;

  /// The checksum to store. For data that includes a correct checksum field, 0.
  std::uint16_t value() const noexcept { return static_cast<std::uint16_t>(~folded()); }

 private:
  // The sum is kept in the machine's byte order and swapped once at the end (RFC 1071 §2 B).
  static constexpr std::uint16_t to_native(std::uint16_t word) {
    return std::endian::native == std::endian::little ? std::byteswap(word) : word;
  }
  std::uint64_t sum_ = 0;
  bool odd_ = false;
};

/// The pseudo header of TCP, UDP and ICMPv6 (RFC 9293 §3.1, RFC 8200 §8.1), as the start of a sum.
///
/// One sum serves both families. IPv4 addresses are held as ::ffff:a.b.c.d, and what that adds to their own
/// words is 0xffff, which is zero in one's complement. Nor does it turn one zero into the other: `protocol`
/// and `length` keep the sum of either form above zero, and a folded sum above zero lies in 1…0xffff.
inline checksum pseudo_header(const ip_address& source, const ip_address& destination, std::uint8_t protocol,
                              std::size_t length) {
  checksum sum;
  sum.add(source);
  sum.add(destination);
  sum.add_word(protocol);
  sum.add_word32(static_cast<std::uint32_t>(length));
  return sum;
}

}  // namespace aster::net::wire
