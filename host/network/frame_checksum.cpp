#include "host/network/frame_checksum.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace aster::host {
namespace {

/// The Internet checksum (RFC 1071) in the machine's own byte order, which it does not depend on.
std::uint16_t sum(std::span<const std::byte> bytes) {
  std::uint64_t total = 0;
  while (bytes.size() >= 4) {
    std::uint32_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    total += word;
    bytes = bytes.subspan(4);
  }
  if (!bytes.empty()) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    total += word;
  }
  while (total >> 16 != 0) total = (total & 0xffff) + (total >> 16);
  return static_cast<std::uint16_t>(total);
}

}  // namespace

bool complete_checksum(const abi::net_header& header, std::span<std::byte> frame) {
  if ((header.flags & abi::net_header::needs_checksum) == 0) return true;
  const std::size_t field = std::size_t{header.checksum_start} + header.checksum_offset;
  if (header.checksum_start >= frame.size() || field + 2 > frame.size()) return false;
  auto complement = static_cast<std::uint16_t>(~sum(frame.subspan(header.checksum_start)));
  // A UDP checksum of 0 means "none" (RFC 768); both stand for the same sum.
  if (complement == 0) complement = 0xffff;
  std::memcpy(frame.subspan(field).data(), &complement, sizeof complement);
  return true;
}

}  // namespace aster::host
