// Initial sequence numbers (RFC 6528): a clock of 4 µs steps, so that numbers of one pair of ends go up,
// plus a keyed hash of the pair, so that nobody else can guess them.
#pragma once
#include "aster/net/siphash.hpp"
#include "aster/net/tcp/connection.hpp"

namespace aster::net::tcp {

constexpr std::uint64_t pair_hash(const siphash_key& key, const connection_id& id) {
  return siphash<2>(key, {std::uint64_t{id.local.address.value} << 32 | id.remote.address.value,
                          std::uint64_t{id.local.port} << 16 | id.remote.port});
}

constexpr sequence initial_sequence(const siphash_key& key, const connection_id& id, time_point now) {
  const auto ticks = static_cast<std::uint64_t>(now.time_since_epoch() / std::chrono::microseconds{4});
  return {static_cast<std::uint32_t>(ticks + pair_hash(key, id))};
}

}  // namespace aster::net::tcp
