// Cutting a packet that is larger than the link takes (RFC 791 §3.2, RFC 8200 §4.5), and numbering those that
// may be cut.
//
//   packet_cutter cut{pieces, device_mtu, id};
//   while (const auto fragment = cut.next()) transmit(*fragment);
//
// Nothing is copied but headers: a fragment is a list of pieces of the packet.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>

#include "aster/net/packet.hpp"
#include "aster/net/siphash.hpp"

namespace aster::net {

/// Identifications for packets that may be cut, each a sequence of its own for every pair of hosts and
/// protocol, so that none comes twice while the first may be under way (RFC 6864 §4.3), and nobody can tell
/// from his own what others are sent (RFC 7739 §5.3).
class fragment_identification {
 public:
  explicit fragment_identification(random_source& random)
      : place_(random.next_key()), start_(random.next_key()) {}

  /// IPv4 uses the lower 16 bits.
  std::uint32_t next(const ip_address& source, const ip_address& destination, std::uint8_t protocol) {
    const auto from = std::bit_cast<std::array<std::uint64_t, 2>>(source.bytes());
    const auto to = std::bit_cast<std::array<std::uint64_t, 2>>(destination.bytes());
    const std::array<std::uint64_t, 5> pair{from[0], from[1], to[0], to[1], protocol};
    std::uint32_t& count = counts_[siphash(place_, pair) % counts_.size()];
    return static_cast<std::uint32_t>(siphash(start_, pair)) + count++;
  }

 private:
  siphash_key place_, start_;
  std::array<std::uint32_t, 64> counts_{};
};

/// Cuts one frame with an IPv4 or IPv6 packet in it.
class packet_cutter {
 public:
  /// The first piece holds the Ethernet and the IP header in full, and may hold more; at most
  /// packet::piece_limit + 1 pieces. `mtu`: the largest packet that the link takes. `identification` is for
  /// IPv6: in IPv4 it is in the header. An IPv4 packet may be a fragment itself. The pieces must stay as long
  /// as the cutter; checksums of the transport must be there already.
  packet_cutter(std::span<const wire::bytes> pieces, std::size_t mtu, std::uint32_t identification);

  /// The next fragment, valid until the next call.
  std::optional<std::span<const wire::bytes>> next();

 private:
  static constexpr std::size_t largest_head = wire::ethernet::size + 60;

  void head_of_ipv4(std::size_t size, bool last);
  void head_of_ipv6(std::size_t size, bool last);

  std::span<const wire::bytes> pieces_;
  bool is_ipv6_ = false;
  std::size_t header_size_ = 0;  // of IP, in front of the cut part
  std::size_t step_ = 0;         // payload of each fragment but the last
  std::size_t left_ = 0;         // payload bytes
  std::size_t offset_ = 0;       // payload bytes before the next fragment, those of an outer cut included
  bool is_first_ = true;
  bool more_follow_ = false;            // after the last: the packet is a fragment itself
  std::size_t piece_ = 0, inside_ = 0;  // where the next fragment begins
  std::uint32_t identification_;
  std::array<std::byte, largest_head> head_{};
  std::size_t head_size_ = 0;
  std::array<wire::bytes, packet::piece_limit + 2> out_{};
};

}  // namespace aster::net
