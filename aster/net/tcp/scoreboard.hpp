// What is under way: each stretch of the stream that was sent together and is not yet acknowledged, with
// when it went out and what became of it (RFC 6675 §3, RFC 8985 §5.1).
//
// A stretch is under way, has arrived out of order (SACKed), or is lost and waits to be sent again. Bytes
// under way are `pipe`: what the congestion window limits. Stretches of one moment are one record until a
// selective acknowledgement or a retransmission cuts it. Records come from a pool that all connections of a
// host share: an idle connection has none, and in a steady state nothing is allocated.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "aster/net/tcp/sequence.hpp"
#include "aster/net/time.hpp"

namespace aster::net::tcp {

struct flight {
  flight* next = nullptr;
  flight* previous = nullptr;
  sequence begin, end;
  time_point sent_at{};         // the last time
  time_point delivered_at{};    // when the path had last delivered anything, as it was sent
  std::uint32_t delivered = 0;  // how much the path had delivered by then
  bool sacked = false;
  bool lost = false;           // to be sent again
  bool retransmitted = false;  // at least once

  std::uint32_t size() const { return distance(begin, end); }
};

/// Records for all connections of a host. Memory once taken is kept for the next.
class flight_pool {
 public:
  flight_pool() = default;
  flight_pool(const flight_pool&) = delete;
  flight_pool& operator=(const flight_pool&) = delete;
  ~flight_pool();

  /// Null: no memory.
  flight* take() noexcept;
  void give_back(flight* f) noexcept {
    f->next = free_;
    free_ = f;
  }

 private:
  struct slab;
  flight* free_ = nullptr;
  slab* slabs_ = nullptr;
};

/// What an acknowledgement has told.
struct delivery {
  std::uint32_t bytes = 0;   // that had not been known to have arrived
  std::uint32_t sacked = 0;  // … of which selectively
  /// Round trip of the oldest stretch that was sent only once, which is what RFC 6298 measures: it includes
  /// the peer's delay. `least` is that of the newest.
  std::optional<duration> round_trip, least;
  /// The stretch sent last among those delivered (RFC 8985 §6.2 step 2).
  struct last_sent {
    time_point at{};
    sequence end;
    bool retransmitted = false;
  };
  std::optional<last_sent> newest;
  std::optional<sequence> once;      // the foremost that was sent only once
  std::optional<sequence> furthest;  // how far deliveries had come before
  bool reordered = false;            // one that was sent once arrived after later ones (RFC 8985 §6.2 step 3)
  bool retransmitted = false;        // one that was sent twice arrived
  std::optional<double> rate;        // bytes a second since the newest was sent
};

class scoreboard {
 public:
  explicit scoreboard(flight_pool& pool) : pool_(pool) {}
  scoreboard(const scoreboard&) = delete;
  scoreboard& operator=(const scoreboard&) = delete;
  ~scoreboard() { clear(); }

  bool empty() const { return first_ == nullptr; }
  const flight* first() const { return first_; }
  std::uint32_t total() const { return first_ == nullptr ? 0 : distance(first_->begin, last_->end); }
  std::uint32_t sacked() const { return sacked_; }
  std::uint32_t lost() const { return lost_; }
  std::uint32_t pipe() const { return total() - sacked_ - lost_; }
  std::uint32_t delivered() const { return delivered_; }

  /// [begin, end) goes out: right behind what is under way, or again. `retransmitted`: it was under way
  /// before, although the board has forgotten.
  void sent(sequence begin, sequence end, bool retransmitted, time_point now) noexcept;

  /// Everything before `una` has arrived.
  void acknowledged(sequence una, time_point now, delivery& d) noexcept;
  /// [begin, end) has arrived.
  void selectively_acknowledged(sequence begin, sequence end, time_point now, delivery& d) noexcept;

  void mark_lost(flight& f) noexcept;
  /// The same for the first `size` bytes of the first stretch that has not arrived.
  void mark_front_lost(std::uint32_t size) noexcept;
  /// Everything that has not arrived is lost. If the first stretch has, the receiver has thrown away what
  /// it had reported: then everything is (RFC 2018 §8).
  void mark_all_lost() noexcept;
  /// The other way round: nothing was lost.
  void mark_none_lost() noexcept;

  /// The first lost stretch, and how far what is lost goes on behind it; null when nothing is.
  const flight* first_lost(std::uint32_t& size) const noexcept;

  /// Calls `f(flight&)` for each stretch, in order, until it returns false.
  template <typename Function>
  void for_each(Function&& f) {
    for (flight* r = first_; r != nullptr; r = r->next)
      if (!f(*r)) return;
  }

  void clear() noexcept;

 private:
  flight* cut(flight* f, sequence at) noexcept;  // true second half; null: no memory
  void erase(flight* f) noexcept;
  void forget_state(flight& f) noexcept;
  void deliver(const flight& f, bool selectively, time_point now, delivery& d) noexcept;
  flight* take() noexcept;
  void give_back(flight* f) noexcept;

  flight_pool& pool_;
  flight* first_ = nullptr;
  flight* last_ = nullptr;
  flight own_;  // so that one stretch can always be remembered
  bool own_taken_ = false;
  bool any_delivered_ = false;
  std::uint32_t sacked_ = 0;
  std::uint32_t lost_ = 0;
  std::uint32_t delivered_ = 0;  // in all, modulo 2^32
  time_point delivered_at_{};
  sequence furthest_;  // end of what arrived furthest ahead, once `any_delivered_`
};

}  // namespace aster::net::tcp
