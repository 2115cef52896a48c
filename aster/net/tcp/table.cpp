#include "aster/net/tcp/table.hpp"

#include <algorithm>
#include <new>

#include "aster/net/tcp/isn.hpp"

namespace aster::net::tcp {

std::size_t connection_table::bucket_of(const connection_id& id) const {
  return pair_hash(key_, id) & (buckets_.size() - 1);
}

entry* connection_table::find(const connection_id& id) const {
  if (buckets_.empty()) return nullptr;
  entry* e = buckets_[bucket_of(id)];
  while (e != nullptr && !(e->id() == id)) e = e->in_bucket;
  return e;
}

bool connection_table::add(entry& e) noexcept {
  if (size_ == buckets_.size()) {
    try {
      grow();
    } catch (const std::bad_alloc&) {
      if (buckets_.empty()) return false;  // else the buckets get longer
    }
  }
  entry*& bucket = buckets_[bucket_of(e.id())];
  e.in_bucket = bucket;
  bucket = &e;
  e.is_listed = true;
  ++size_;
  return true;
}

void connection_table::remove(entry& e) {
  if (!e.is_listed) return;
  entry** link = &buckets_[bucket_of(e.id())];
  while (*link != &e) link = &(*link)->in_bucket;
  *link = e.in_bucket;
  e.is_listed = false;
  --size_;
}

void connection_table::grow() {
  std::vector<entry*> old(buckets_.empty() ? 64 : buckets_.size() * 2, nullptr);
  old.swap(buckets_);
  for (entry* e : old) {
    while (e != nullptr) {
      entry* next = e->in_bucket;
      entry*& bucket = buckets_[bucket_of(e->id())];
      e->in_bucket = bucket;
      bucket = e;
      e = next;
    }
  }
}

bool timer_queue::reserve(std::size_t count) noexcept {
  if (count <= heap_.capacity()) return true;
  try {
    heap_.reserve(std::max<std::size_t>(64, count + count / 2));
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

void timer_queue::schedule(entry& e, time_point deadline) {
  if (deadline == never) return;
  if (e.timer == entry::no_timer) {
    heap_.push_back({});
    up(heap_.size() - 1, {deadline, &e});
  } else if (deadline < heap_[e.timer].at) {
    up(e.timer, {deadline, &e});
  }
}

void timer_queue::remove(entry& e) {
  if (e.timer == entry::no_timer) return;
  const std::size_t hole = e.timer;
  e.timer = entry::no_timer;
  const item last = heap_.back();
  heap_.pop_back();
  if (hole == heap_.size()) return;
  if (hole > 0 && last.at < heap_[(hole - 1) / 4].at) {
    up(hole, last);
  } else {
    down(hole, last);
  }
}

entry* timer_queue::take(time_point now) {
  if (heap_.empty() || heap_.front().at > now) return nullptr;
  entry* e = heap_.front().whose;
  remove(*e);
  return e;
}

void timer_queue::place(std::size_t index, item i) {
  heap_[index] = i;
  i.whose->timer = static_cast<std::uint32_t>(index);
}

void timer_queue::up(std::size_t index, item i) {
  while (index > 0 && i.at < heap_[(index - 1) / 4].at) {
    place(index, heap_[(index - 1) / 4]);
    index = (index - 1) / 4;
  }
  place(index, i);
}

void timer_queue::down(std::size_t index, item i) {
  for (;;) {
    std::size_t least = index * 4 + 1;
    if (least >= heap_.size()) break;
    for (std::size_t child = least + 1; child < heap_.size() && child <= index * 4 + 4; ++child)
      if (heap_[child].at < heap_[least].at) least = child;
    if (heap_[least].at >= i.at) break;
    place(index, heap_[least]);
    index = least;
  }
  place(index, i);
}

}  // namespace aster::net::tcp
