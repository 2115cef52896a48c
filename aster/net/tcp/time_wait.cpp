#include "aster/net/tcp/time_wait.hpp"

#include <algorithm>
#include <new>

#include "aster/net/tcp/isn.hpp"

namespace aster::net::tcp {

std::uint32_t* time_wait_table::link_to(const connection_id& id) {
  if (buckets_.empty()) return nullptr;
  std::uint32_t* link = &buckets_[pair_hash(key_, id) & (buckets_.size() - 1)];
  while (*link != none && !(slots_[*link].held.id == id)) link = &slots_[*link].in_bucket;
  return *link == none ? nullptr : link;
}

time_wait_table::record* time_wait_table::find(const connection_id& id) {
  const std::uint32_t* link = link_to(id);
  return link == nullptr ? nullptr : &slots_[*link].held;
}

bool time_wait_table::add(const record& r) noexcept {
  remove(r.id);
  bool evicted = false;
  if (size_ == limit_) {
    erase(link_to(slots_[oldest_].held.id));
    evicted = true;
  }
  if (size_ == slots_.size()) {
    try {
      grow();
    } catch (const std::bad_alloc&) {
      return true;
    }
  }
  const std::uint32_t index = free_;
  free_ = slots_[index].in_bucket;
  std::uint32_t& bucket = buckets_[pair_hash(key_, r.id) & (buckets_.size() - 1)];
  slots_[index].held = r;
  slots_[index].in_bucket = bucket;
  bucket = index;
  append(index);
  ++size_;
  return evicted;
}

void time_wait_table::remove(const connection_id& id) {
  if (std::uint32_t* link = link_to(id)) erase(link);
}

void time_wait_table::restart(const connection_id& id, time_point until) {
  const std::uint32_t* link = link_to(id);
  if (link == nullptr) return;
  const std::uint32_t index = *link;
  slots_[index].held.until = until;
  unlink(index);
  append(index);
}

void time_wait_table::expire(time_point now) {
  while (oldest_ != none && slots_[oldest_].held.until <= now) erase(link_to(slots_[oldest_].held.id));
}

void time_wait_table::erase(std::uint32_t* link) {
  const std::uint32_t index = *link;
  *link = slots_[index].in_bucket;
  unlink(index);
  slots_[index].in_bucket = free_;
  free_ = index;
  --size_;
}

void time_wait_table::append(std::uint32_t index) {
  slots_[index].older = newest_;
  slots_[index].newer = none;
  (newest_ == none ? oldest_ : slots_[newest_].newer) = index;
  newest_ = index;
}

void time_wait_table::unlink(std::uint32_t index) {
  const slot& s = slots_[index];
  (s.older == none ? oldest_ : slots_[s.older].newer) = s.newer;
  (s.newer == none ? newest_ : slots_[s.newer].older) = s.older;
}

void time_wait_table::grow() {
  const std::size_t before = slots_.size();
  const std::size_t after = std::min(limit_, std::max<std::size_t>(16, before * 2));
  std::size_t buckets = 16;
  while (buckets < after) buckets *= 2;
  std::vector<std::uint32_t> fresh(buckets, none);
  slots_.resize(after);  // nothing has changed if this throws
  buckets_.swap(fresh);
  for (std::size_t i = before; i < after; ++i) {
    slots_[i].in_bucket = free_;
    free_ = static_cast<std::uint32_t>(i);
  }
  for (std::uint32_t i = oldest_; i != none; i = slots_[i].newer) {
    std::uint32_t& bucket = buckets_[pair_hash(key_, slots_[i].held.id) & (buckets - 1)];
    slots_[i].in_bucket = bucket;
    bucket = i;
  }
}

}  // namespace aster::net::tcp
