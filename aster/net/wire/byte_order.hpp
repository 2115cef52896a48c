// Reading and writing the network's byte order (big endian) at any alignment. The caller has checked that
// the bytes are there.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace aster::net::wire {

using bytes = std::span<const std::byte>;
using mutable_bytes = std::span<std::byte>;

template <typename Integer>
inline Integer load(bytes from, std::size_t offset) {
  Integer value;
  std::memcpy(&value, from.subspan(offset, sizeof value).data(), sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  return value;
}
inline std::uint8_t load8(bytes from, std::size_t offset) { return static_cast<std::uint8_t>(from[offset]); }
inline std::uint16_t load16(bytes from, std::size_t offset) { return load<std::uint16_t>(from, offset); }
inline std::uint32_t load32(bytes from, std::size_t offset) { return load<std::uint32_t>(from, offset); }

template <typename Integer>
inline void store(mutable_bytes to, std::size_t offset, Integer value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(to.subspan(offset, sizeof value).data(), &value, sizeof value);
}
inline void store8(mutable_bytes to, std::size_t offset, std::uint8_t value) {
  to[offset] = static_cast<std::byte>(value);
}
inline void store16(mutable_bytes to, std::size_t offset, std::uint16_t value) { store(to, offset, value); }
inline void store32(mutable_bytes to, std::size_t offset, std::uint32_t value) { store(to, offset, value); }

}  // namespace aster::net::wire
