// Connections after their end: a pair of ends rests for 2 MSL, so that late segments of the old connection
// are not taken for a new one's, and a repeated FIN is answered (RFC 9293 §3.3.2).
//
// A record is a few words, and the table is bounded. Neither makes us deaf: a new SYN that lies beyond the
// old connection, by its clock or else by its number, takes the pair over (RFC 6191), and when the table is
// full the oldest leaves. RST ends no rest (RFC 1337).
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "aster/net/siphash.hpp"
#include "aster/net/tcp/connection.hpp"

namespace aster::net::tcp {

class time_wait_table {
 public:
  struct record {
    connection_id id;
    sequence snd_nxt;
    sequence rcv_nxt;
    std::uint16_t window = 0;
    time_point until{};
    std::optional<std::uint32_t> clock;  // TS.Recent, if the connection had timestamps
  };

  time_wait_table(std::size_t limit, siphash_key key) : limit_(limit), key_(key) {}

  /// True when the oldest had to leave for it, or, without memory, it itself.
  bool add(const record& r) noexcept;
  /// Whether a SYN with this number and clock begins a new connection, rather than being a late one of the
  /// old (RFC 6191 §2).
  static bool is_newer(const record& r, sequence seq, std::optional<std::uint32_t> clock) {
    if (r.clock && clock && *clock != *r.clock) return static_cast<std::int32_t>(*clock - *r.clock) > 0;
    return seq > r.rcv_nxt;
  }

  /// Valid until the next change of the table; null when the pair does not rest.
  record* find(const connection_id& id);
  void remove(const connection_id& id);
  /// A FIN came again: the rest begins anew (RFC 9293 §3.10.7.4, eighth step).
  void restart(const connection_id& id, time_point until);
  void expire(time_point now);
  /// When the first leaves.
  time_point deadline() const { return oldest_ == none ? never : slots_[oldest_].held.until; }
  std::size_t size() const { return size_; }
  /// Calls `f(const connection_id&)` for each, the oldest first.
  template <typename Function>
  void for_each(Function&& f) const {
    for (std::uint32_t i = oldest_; i != none; i = slots_[i].newer) f(slots_[i].held.id);
  }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  struct slot {
    record held;
    std::uint32_t in_bucket = none;  // next in the bucket, or in the free list
    std::uint32_t older = none, newer = none;
  };
  std::uint32_t* link_to(const connection_id& id);  // the link that names the record's slot, or null
  void erase(std::uint32_t* link);
  void append(std::uint32_t index);
  void unlink(std::uint32_t index);
  void grow();

  std::size_t limit_;
  siphash_key key_;
  std::vector<slot> slots_;
  std::vector<std::uint32_t> buckets_;
  std::uint32_t free_ = none;
  std::uint32_t oldest_ = none,
                newest_ = none;  // all rest equally long: the order of arrival is that of leaving
  std::size_t size_ = 0;
};

}  // namespace aster::net::tcp
