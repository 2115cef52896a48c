// Cutting a TCP segment that is larger than the link takes into segments that are not: what network cards do
// when they can (TSO), done here for one that came in large and leaves by a device that cannot.
#pragma once
#include <cstdint>
#include <vector>

#include "aster/net/wire/byte_order.hpp"

namespace aster::net {

class tcp_segmenter {
 public:
  /// `packet`: IPv4 and TCP, both headers whole; `segment_size`: payload bytes of each but the last. `packet`
  /// must stay. Nothing comes out when it is anything else.
  tcp_segmenter(wire::bytes packet, std::uint16_t segment_size);

  /// The next packet with all its checksums, valid until the next call; empty: there are no more.
  wire::bytes next();

 private:
  wire::bytes packet_;
  std::size_t header_ = 0;  // of IP and TCP
  std::size_t ip_header_ = 0;
  std::size_t size_;
  std::size_t at_ = 0;  // of the payload
  std::uint16_t count_ = 0;
  std::vector<std::byte> out_;
};

}  // namespace aster::net
