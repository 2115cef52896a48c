#include "aster/net/tcp/scoreboard.hpp"

#include <algorithm>
#include <new>

namespace aster::net::tcp {

// --- Records ----------------------------------------------------------------------------------------------

struct flight_pool::slab {
  slab* next;
  flight records[50];
};

flight_pool::~flight_pool() {
  while (slabs_ != nullptr) {
    slab* next = slabs_->next;
    delete slabs_;
    slabs_ = next;
  }
}

flight* flight_pool::take() noexcept {
  if (free_ == nullptr) {
    slab* fresh = new (std::nothrow) slab;
    if (fresh == nullptr) return nullptr;
    fresh->next = slabs_;
    slabs_ = fresh;
    for (flight& f : fresh->records) give_back(&f);
  }
  flight* f = free_;
  free_ = f->next;
  *f = {};
  return f;
}

flight* scoreboard::take() noexcept {
  if (own_taken_) return pool_.take();
  own_taken_ = true;
  own_ = {};
  return &own_;
}

void scoreboard::give_back(flight* f) noexcept {
  if (f == &own_) {
    own_taken_ = false;
  } else {
    pool_.give_back(f);
  }
}

void scoreboard::erase(flight* f) noexcept {
  (f->previous == nullptr ? first_ : f->previous->next) = f->next;
  (f->next == nullptr ? last_ : f->next->previous) = f->previous;
  give_back(f);
}

void scoreboard::clear() noexcept {
  while (first_ != nullptr) erase(first_);
  sacked_ = lost_ = 0;
}

// Cuts a record in two; returns the second.
flight* scoreboard::cut(flight* f, sequence at) noexcept {
  flight* second = take();
  if (second == nullptr) return nullptr;
  flight* next = f->next;
  *second = *f;
  second->previous = f;
  second->next = next;
  second->begin = at;
  f->end = at;
  f->next = second;
  (next == nullptr ? last_ : next->previous) = second;
  return second;
}

void scoreboard::forget_state(flight& f) noexcept {
  if (f.sacked) sacked_ -= f.size();
  if (f.lost) lost_ -= f.size();
  f.sacked = f.lost = false;
}

// --- Sending ----------------------------------------------------------------------------------------------

void scoreboard::sent(sequence begin, sequence end, bool retransmitted, time_point now) noexcept {
  if (last_ == nullptr) delivered_at_ = now;  // the path was idle: its rate is measured from here
  if (last_ == nullptr || begin == last_->end) {
    const bool joins = last_ != nullptr && last_->sent_at == now && !last_->sacked && !last_->lost &&
                       last_->retransmitted == retransmitted && last_->delivered == delivered_;
    flight* f = joins ? nullptr : take();
    if (f == nullptr && last_ != nullptr) {
      // At the same moment, or without memory: it is remembered with what went before it.
      forget_state(*last_);
      last_->end = end;
      last_->sent_at = now;
      last_->retransmitted = last_->retransmitted || retransmitted;
      return;
    }
    f->begin = begin;
    f->end = end;
    f->sent_at = now;
    f->retransmitted = retransmitted;
    f->delivered = delivered_;
    f->delivered_at = delivered_at_;
    f->previous = last_;
    (last_ == nullptr ? first_ : last_->next) = f;
    last_ = f;
    return;
  }
  // Again: the records that it covers become one.
  flight* f = first_;
  while (f != nullptr && f->end <= begin) f = f->next;
  if (f == nullptr) return;
  if (f->begin < begin)
    if (flight* second = cut(f, begin)) f = second;
  if (f->end > end) cut(f, end);  // without memory all of it counts as sent
  forget_state(*f);
  while (f->next != nullptr && f->end < end) {
    flight* other = f->next;
    if (other->end > end && cut(other, end) == nullptr) break;
    forget_state(*other);
    f->end = other->end;
    erase(other);
  }
  f->sent_at = now;
  f->retransmitted = true;
  f->delivered = delivered_;
  f->delivered_at = delivered_at_;
}

// --- Acknowledgements -------------------------------------------------------------------------------------

void scoreboard::deliver(const flight& f, bool selectively, time_point now, delivery& d) noexcept {
  d.bytes += f.size();
  if (selectively) d.sacked += f.size();
  // Within one acknowledgement there is no order of arrival.
  if (!d.furthest) d.furthest = any_delivered_ ? furthest_ : f.begin;
  if (!f.retransmitted && f.end <= *d.furthest) d.reordered = true;
  if (!any_delivered_ || f.end > furthest_) furthest_ = f.end;
  any_delivered_ = true;
  if (f.retransmitted) {
    d.retransmitted = true;
  } else {
    const duration took = now - f.sent_at;
    if (!d.round_trip) d.round_trip = took;
    if (!d.once || f.begin < *d.once) d.once = f.begin;
    d.least = d.least ? std::min(*d.least, took) : took;
  }
  const bool later =
      !d.newest || f.sent_at > d.newest->at || (f.sent_at == d.newest->at && f.end > d.newest->end);
  if (later) {
    d.newest = {f.sent_at, f.end, f.retransmitted};
    const duration interval = now - f.delivered_at;
    if (interval > duration::zero())
      d.rate = static_cast<double>(delivered_ + f.size() - f.delivered) /
               std::chrono::duration<double>(interval).count();
  }
  delivered_ += f.size();
}

void scoreboard::acknowledged(sequence una, time_point now, delivery& d) noexcept {
  while (first_ != nullptr && first_->begin < una) {
    if (first_->end > una) {
      if (cut(first_, una) == nullptr) {  // without memory: what is left of it begins here
        const std::uint32_t done = distance(first_->begin, una);
        flight part = *first_;
        part.end = una;
        if (first_->sacked) sacked_ -= done;
        if (first_->lost) lost_ -= done;
        if (!part.sacked) deliver(part, false, now, d);
        first_->begin = una;
        break;
      }
    }
    if (!first_->sacked) deliver(*first_, false, now, d);
    forget_state(*first_);
    erase(first_);
  }
  if (d.bytes > 0) delivered_at_ = now;
}

void scoreboard::selectively_acknowledged(sequence begin, sequence end, time_point now,
                                          delivery& d) noexcept {
  flight* f = first_;
  while (f != nullptr && f->end <= begin) f = f->next;
  for (; f != nullptr && f->begin < end; f = f->next) {
    if (f->sacked) continue;
    // A part for which there is no record stays as if nothing had been said of it.
    if (f->begin < begin && (f = cut(f, begin)) == nullptr) return;
    if (f->end > end && cut(f, end) == nullptr) return;
    deliver(*f, true, now, d);
    forget_state(*f);
    f->sacked = true;
    sacked_ += f->size();
    delivered_at_ = now;
  }
}

// --- Losses -----------------------------------------------------------------------------------------------

void scoreboard::mark_lost(flight& f) noexcept {
  if (f.sacked || f.lost) return;
  f.lost = true;
  lost_ += f.size();
}

void scoreboard::mark_front_lost(std::uint32_t size) noexcept {
  flight* f = first_;
  while (f != nullptr && f->sacked) f = f->next;
  if (f == nullptr) return;
  if (f->size() > size) cut(f, f->begin + size);
  mark_lost(*f);
}

void scoreboard::mark_all_lost() noexcept {
  const bool reneged = first_ != nullptr && first_->sacked;
  for (flight* f = first_; f != nullptr; f = f->next) {
    if (reneged) forget_state(*f);
    mark_lost(*f);
  }
}

void scoreboard::mark_none_lost() noexcept {
  for (flight* f = first_; f != nullptr; f = f->next) f->lost = false;
  lost_ = 0;
}

const flight* scoreboard::first_lost(std::uint32_t& size) const noexcept {
  size = 0;
  if (lost_ == 0) return nullptr;
  const flight* f = first_;
  while (f != nullptr && !f->lost) f = f->next;
  for (const flight* r = f; r != nullptr && r->lost; r = r->next) size += r->size();
  return f;
}

}  // namespace aster::net::tcp
