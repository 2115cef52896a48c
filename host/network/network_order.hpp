// Numbers as they stand in packets: the highest byte first.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace aster::host {

inline std::uint16_t read_half(std::span<const std::byte> from, std::size_t at) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(from[at]) << 8 |
                                    std::to_integer<unsigned>(from[at + 1]));
}
inline std::uint32_t read_word(std::span<const std::byte> from, std::size_t at) {
  return std::uint32_t{read_half(from, at)} << 16 | read_half(from, at + 2);
}

/// The lowest 16 bits of `value`.
inline void put_half(std::vector<std::byte>& to, std::size_t value) {
  to.push_back(static_cast<std::byte>(value >> 8 & 0xff));
  to.push_back(static_cast<std::byte>(value & 0xff));
}
inline void put_word(std::vector<std::byte>& to, std::uint32_t value) {
  put_half(to, value >> 16);
  put_half(to, value);
}

}  // namespace aster::host
