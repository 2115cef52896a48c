// The events of a galaxy: numbered, kept in the store, the latest of them at hand even when it cannot be
// written.
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "host/galaxy/store.hpp"

namespace aster::host::galaxy {

class journal {
 public:
  /// The store has to outlive it.
  explicit journal(store& s) : store_(&s), last_(s.last_event()), first_at_hand_(last_ + 1) {}

  /// Gives it a number and keeps it. An error when only here.
  store::result add(event e) {
    e.number = ++last_;
    auto kept = store_->add(e);
    at_hand_.push_back(std::move(e));
    if (at_hand_.size() > most_at_hand) {
      at_hand_.pop_front();
      ++first_at_hand_;
    }
    return kept;
  }

  /// After number `after`, oldest first, at most `limit`.
  std::vector<event> after(std::uint64_t number, std::size_t limit) const {
    if (number >= last_) return {};
    if (number + 1 < first_at_hand_) {
      auto all = store_->events(number, limit);
      // Where the disk was full, the store ends before what is at hand begins.
      if (!all.empty()) return all;
      number = first_at_hand_ - 1;
    }
    std::vector<event> all;
    for (std::uint64_t i = number + 1 - first_at_hand_; i < at_hand_.size() && all.size() < limit; ++i)
      all.push_back(at_hand_[i]);
    return all;
  }

  std::uint64_t last() const { return last_; }

 private:
  static constexpr std::size_t most_at_hand = 500;
  store* store_;
  std::uint64_t last_;
  std::uint64_t first_at_hand_;
  std::deque<event> at_hand_;
};

}  // namespace aster::host::galaxy
