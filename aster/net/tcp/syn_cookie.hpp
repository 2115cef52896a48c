// SYN cookies (RFC 4987 §3.6): a handshake that needs no memory until it is done.
//
// When all places for handshakes are taken, the answer to a SYN carries what must be remembered in its own
// number: five bits of a slow clock, three for the peer's segment size, and 24 of a keyed hash over both ends
// and the peer's number, which nobody else can make. The acknowledgement brings it back. A peer with
// timestamps brings back the rest as well: the low bits of our clock then hold its window scale and whether
// it acknowledges selectively. Without them a connection from a cookie does without.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "aster/net/tcp/isn.hpp"
#include "aster/net/tcp/segment.hpp"

namespace aster::net::tcp {

class syn_cookies {
 public:
  explicit syn_cookies(siphash_key key) : key_(key) {}

  /// Our number for the answer to this SYN.
  sequence make(const connection_id& id, const segment& syn, time_point now) const {
    const std::uint32_t size = size_index(syn.options.maximum_segment_size.value_or(536));
    const std::uint32_t tick = tick_at(now);
    return {tick << 27 | size << 24 | hash(id, syn.seq, tick, size)};
  }

  /// Our clock for it, near the one of now; and its reading. Five bits: scale (15: none), selective.
  static std::uint32_t stamp(std::uint32_t clock, const wire::tcp_options& o) {
    // Behind it rather than ahead: what the connection sends next must not look older (RFC 7323 §5).
    return ((clock & ~31u) - 32) | (o.sack_permitted ? 16u : 0u) |
           std::min<std::uint32_t>(o.window_scale.value_or(15), 15);
  }

  /// What the SYN said, as far as the acknowledgement tells; nothing when it is not of a cookie, or too old
  /// by two minutes.
  std::optional<segment> check(const connection_id& id, const segment& ack, time_point now) const {
    const std::uint32_t cookie = ack.ack.value - 1;
    const sequence irs = ack.seq - 1;
    const std::uint32_t tick = cookie >> 27, size = cookie >> 24 & 7;
    if (((tick_at(now) - tick) & 31) > 1) return std::nullopt;
    if ((cookie & 0xffffff) != hash(id, irs, tick, size)) return std::nullopt;
    segment syn;
    syn.seq = irs;
    syn.flags.syn = true;
    syn.window = ack.window;
    syn.options.maximum_segment_size = sizes[size];
    if (ack.options.timestamps) {
      syn.options.timestamps = {ack.options.timestamps->value, 0};
      const std::uint32_t bits = ack.options.timestamps->echo & 31;
      if ((bits & 15) != 15) syn.options.window_scale = static_cast<std::uint8_t>(bits & 15);
      syn.options.sack_permitted = (bits & 16) != 0;
    }
    return syn;
  }

 private:
  static constexpr std::array<std::uint16_t, 8> sizes{216, 536, 1024, 1220, 1400, 1440, 1460, 8940};
  static std::uint32_t size_index(std::uint32_t size) {  // the largest that is not too large
    std::uint32_t i = 0;
    while (i + 1 < sizes.size() && sizes[i + 1] <= size) ++i;
    return i;
  }
  static std::uint32_t tick_at(time_point now) {
    return static_cast<std::uint32_t>(now.time_since_epoch() / std::chrono::seconds{64}) & 31;
  }
  std::uint32_t hash(const connection_id& id, sequence irs, std::uint32_t tick, std::uint32_t size) const {
    return static_cast<std::uint32_t>(
               siphash<2>(key_, {pair_hash(key_, id), std::uint64_t{irs.value} << 32 | tick << 3 | size})) &
           0xffffff;
  }

  siphash_key key_;
};

}  // namespace aster::net::tcp
