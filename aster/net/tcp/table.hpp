// All connections of a host, found by their pair of ends; and the timers of all of them.
//
// An entry knows its places in every list that it is in, so that nothing is allocated when it changes
// state, and leaving costs nothing.
#pragma once
#include <cstdint>
#include <vector>

#include "aster/net/siphash.hpp"
#include "aster/net/tcp/connection.hpp"

namespace aster::net::tcp {

class acceptor;

struct entry final : connection {
  using connection::connection;

  static constexpr std::uint32_t no_timer = ~std::uint32_t{0};

  entry* in_bucket = nullptr;   // next in the table's bucket
  entry* next_due = nullptr;    // next that may have something to send
  entry* queue_next = nullptr;  // in a queue of its acceptor
  entry* queue_previous = nullptr;
  acceptor* accepted_by = nullptr;  // while it is in one of those queues
  time_point opened{};
  std::uint32_t timer = no_timer;  // index in the timer heap
  bool is_due = false;
  bool is_listed = false;  // in the table
  bool is_ready = false;   // in the acceptor's queue of finished handshakes
  bool is_held = false;    // by the program: not to be deleted before it lets go
};

class connection_table {
 public:
  explicit connection_table(siphash_key key) : key_(key) {}
  connection_table(const connection_table&) = delete;
  connection_table& operator=(const connection_table&) = delete;

  entry* find(const connection_id& id) const;
  /// False: no memory.
  [[nodiscard]] bool add(entry& e) noexcept;
  void remove(entry& e);
  std::size_t size() const { return size_; }

  /// Calls `f(entry&)` for each; `f` may remove that entry.
  template <typename Function>
  void for_each(Function&& f) {
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      for (entry* e = buckets_[i]; e != nullptr;) {
        entry* next = e->in_bucket;
        f(*e);
        e = next;
      }
  }

 private:
  std::size_t bucket_of(const connection_id& id) const;
  void grow();

  siphash_key key_;
  std::vector<entry*> buckets_;
  std::size_t size_ = 0;
};

/// A heap of deadlines. A deadline that moves later stays where it is and is looked at when it comes: most
/// timers of TCP are moved again and again and never expire.
class timer_queue {
 public:
  /// Makes room for so many, so that `schedule` needs no memory. False: there is none.
  [[nodiscard]] bool reserve(std::size_t count) noexcept;
  /// Makes sure that `e` comes up no later than `deadline`. At most as many entries as were reserved.
  void schedule(entry& e, time_point deadline);
  void remove(entry& e);
  time_point deadline() const { return heap_.empty() ? never : heap_.front().at; }
  /// An entry whose time has come, taken out; null when there is none.
  entry* take(time_point now);

 private:
  struct item {
    time_point at;
    entry* whose;
  };
  void place(std::size_t index, item i);
  void up(std::size_t index, item i);
  void down(std::size_t index, item i);
  std::vector<item> heap_;
};

}  // namespace aster::net::tcp
