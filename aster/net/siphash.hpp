// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short inputs that nobody can predict or
// steer without the key. Used for initial sequence numbers (RFC 6528), for hash tables that an attacker
// fills, and as a source of random numbers.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace aster::net {

using siphash_key = std::array<std::uint64_t, 2>;

/// The hash of `words` as 8-byte little-endian blocks.
template <std::size_t Size>
constexpr std::uint64_t siphash(const siphash_key& key, const std::array<std::uint64_t, Size>& words) {
  std::uint64_t v0 = key[0] ^ 0x736f6d6570736575, v1 = key[1] ^ 0x646f72616e646f6d;
  std::uint64_t v2 = key[0] ^ 0x6c7967656e657261, v3 = key[1] ^ 0x7465646279746573;
  const auto round = [&] {
    v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
    v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
    v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
  };
  const auto take = [&](std::uint64_t word) {
    v3 ^= word;
    round(), round();
    v0 ^= word;
  };
  for (const std::uint64_t word : words) take(word);
  take(std::uint64_t{Size * 8 & 255} << 56);
  v2 ^= 255;
  round(), round(), round(), round();
  return v0 ^ v1 ^ v2 ^ v3;
}

/// Random numbers that cannot be predicted without the key: SipHash of a counter. Made from the platform's
/// entropy in an image, from a seed in a test.
class random_source {
 public:
  explicit constexpr random_source(siphash_key key) : key_(key) {}
  constexpr std::uint64_t next() { return siphash<1>(key_, {++count_}); }
  constexpr std::uint32_t next32() { return static_cast<std::uint32_t>(next() >> 32); }
  /// Uniform in [0, limit); `limit` at least 1.
  constexpr std::uint32_t below(std::uint32_t limit) {
    return static_cast<std::uint32_t>((std::uint64_t{next32()} * limit) >> 32);
  }
  constexpr siphash_key next_key() { return {next(), next()}; }

 private:
  siphash_key key_;
  std::uint64_t count_ = 0;
};

}  // namespace aster::net
