// Timestamps (RFC 7323): each segment carries the sender's clock and echoes the other's.
//
// They tell late segments of the sequence space's last round from new ones (PAWS, §5), and give a round trip
// for a segment that was sent twice, which Karn's rule leaves unmeasured (§4). The clock counts milliseconds
// from an offset of the pair's own, so that it does not tell how long the host has been up (§7.1).
#pragma once
#include <cstdint>
#include <optional>

#include "aster/net/tcp/segment.hpp"
#include "aster/net/time.hpp"

namespace aster::net::tcp {

class timestamps {
 public:
  explicit timestamps(std::uint32_t offset) : offset_(offset) {}

  /// Both SYNs had the option: from now on every segment has it. `theirs`: what the peer's SYN said.
  void agree(std::uint32_t theirs, time_point now) {
    agreed_ = true;
    recent_ = theirs;
    recent_at_ = now;
  }
  bool agreed() const { return agreed_; }
  std::uint32_t recent() const { return recent_; }

  /// Our clock.
  std::uint32_t value(time_point now) const {
    return offset_ + static_cast<std::uint32_t>(now.time_since_epoch() / std::chrono::milliseconds{1});
  }

  /// What an outgoing segment carries; in a SYN that is the first word nothing is echoed yet.
  wire::tcp_options::timestamp option(time_point now) const { return {value(now), agreed_ ? recent_ : 0}; }

  /// PAWS (§5.3 R1): the segment was sent before one that we have accepted. After 24 days of silence the
  /// peer's clock may have wrapped: then the segment is believed (§5.5).
  bool is_old(const segment& seg, time_point now) const {
    if (!agreed_ || !seg.options.timestamps) return false;
    const auto behind = static_cast<std::int32_t>(seg.options.timestamps->value - recent_);
    return behind < 0 && now - recent_at_ < outdated;
  }

  /// Remembers the segment's clock when it is what our next acknowledgement echoes (§4.3): that of the
  /// earliest segment not yet acknowledged, never one that ran ahead of a gap.
  void accepted(const segment& seg, sequence last_ack_sent, time_point now) {
    if (!agreed_ || !seg.options.timestamps || seg.seq > last_ack_sent) return;
    if (static_cast<std::int32_t>(seg.options.timestamps->value - recent_) < 0 && now - recent_at_ < outdated)
      return;
    recent_ = seg.options.timestamps->value;
    recent_at_ = now;
  }

  /// How long ago what the segment echoes was sent; nothing when it echoes nothing of ours that is sensible.
  std::optional<duration> round_trip(const segment& seg, time_point now) const {
    if (!agreed_ || !seg.flags.ack || !seg.options.timestamps || seg.options.timestamps->echo == 0)
      return std::nullopt;
    const std::uint32_t ticks = value(now) - seg.options.timestamps->echo;
    if (ticks > most_ticks) return std::nullopt;
    return std::chrono::milliseconds{ticks};
  }

 private:
  static constexpr duration outdated = std::chrono::hours{24 * 24};
  static constexpr std::uint32_t most_ticks = 10 * 60 * 1000;  // nothing waits longer for an answer

  std::uint32_t offset_;
  std::uint32_t recent_ = 0;  // TS.Recent
  time_point recent_at_{};
  bool agreed_ = false;
};

}  // namespace aster::net::tcp
