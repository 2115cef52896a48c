// Initial sequence numbers (RFC 6528): a clock of 4 µs steps, so that numbers of one pair of ends go up,
// plus a keyed hash of the pair, so that nobody else can guess them.
#pragma once
#include "aster/net/siphash.hpp"
#include "aster/net/tcp/connection.hpp"

namespace aster::net::tcp {

// A pair of IPv4 is hashed by its four bytes each: a packet of the family that is used most costs no more
// than it must. SipHash takes in the length, so that the two forms are two families of hashes.
constexpr std::uint64_t pair_hash(const siphash_key& key, const connection_id& id) {
  const std::uint64_t ports = std::uint64_t{id.local.port} << 16 | id.remote.port;
  if (id.remote.address.is_v4())
    return siphash<2>(
        key, {std::uint64_t{id.local.address.v4().value} << 32 | id.remote.address.v4().value, ports});
  const auto local = std::bit_cast<std::array<std::uint64_t, 2>>(id.local.address.bytes());
  const auto remote = std::bit_cast<std::array<std::uint64_t, 2>>(id.remote.address.bytes());
  return siphash<5>(key, {local[0], local[1], remote[0], remote[1], ports});
}

constexpr sequence initial_sequence(const siphash_key& key, const connection_id& id, time_point now) {
  const auto ticks = static_cast<std::uint64_t>(now.time_since_epoch() / std::chrono::microseconds{4});
  return {static_cast<std::uint32_t>(ticks + pair_hash(key, id))};
}

}  // namespace aster::net::tcp
