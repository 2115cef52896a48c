#include "aster/net/reassembly.hpp"

#include <algorithm>

namespace aster::net {

reassembly::datagram& reassembly::find_or_make(const fragment& f, time_point now) {
  const auto it = std::ranges::find(datagrams_, f.from, &datagram::from);
  if (it != datagrams_.end()) return *it;
  if (datagrams_.size() >= datagram_limit) {
    counts_.add(counter::fragments_limit);
    drop(datagrams_.front());
  }
  datagram d;
  d.from = f.from;
  d.until = now + f.lifetime;
  return datagrams_.emplace_back(std::move(d));
}

// The datagram stays as a name alone, so that what still comes of it begins no new one.
reassembly::result reassembly::refuse(datagram& d, counter why) {
  counts_.add(why);
  in_use_ -= d.cost;
  d.cost = 0;
  d.head = {};
  d.fragments = {};
  d.is_refused = true;
  return {.what = verdict::refused, .packet = {}};
}

// Gives up older datagrams until `cost` fits; false when `for_this` itself would have to go. References to
// datagrams are invalid afterwards.
bool reassembly::make_room(const datagram& for_this, std::size_t cost) {
  const origin own = for_this.from;
  for (;;) {
    std::size_t of_source = cost;
    const datagram* oldest_of_source = nullptr;
    const datagram* oldest = nullptr;
    for (const datagram& d : datagrams_) {
      const bool holds = d.cost > 0 && d.from != own;
      if (d.from.source == own.source) {
        of_source += d.cost;
        if (holds && oldest_of_source == nullptr) oldest_of_source = &d;
      }
      if (holds && oldest == nullptr) oldest = &d;
    }
    const datagram* victim = nullptr;
    if (of_source > source_limit) {
      victim = oldest_of_source;
    } else if (in_use_ + cost > byte_limit) {
      victim = oldest;
    } else {
      return true;
    }
    if (victim == nullptr) return false;
    counts_.add(counter::fragments_limit);
    drop(*victim);
  }
}

reassembly::result reassembly::arrived(const fragment& f, time_point now) {
  counts_.add(counter::fragments_received);
  const std::size_t end = f.offset + f.payload.size();
  const auto bad = [&](verdict what) {
    counts_.add(counter::fragments_malformed);
    return result{.what = what, .packet = {}};
  };
  if (end > largest) return bad(verdict::too_large);
  if (f.payload.empty() || f.offset % 8 != 0 || (f.more && f.payload.size() % 8 != 0) ||
      f.head.size() > head_limit)
    return bad(verdict::malformed);

  datagram* d = &find_or_make(f, now);
  if (d->is_refused) {
    counts_.add(counter::fragments_refused);
    return {.what = verdict::refused, .packet = {}};
  }
  // Where it belongs; both neighbours must leave it its place.
  auto after = std::ranges::upper_bound(d->fragments, f.offset, {}, &part::offset);
  if (after != d->fragments.begin()) {
    const part& before = *std::prev(after);
    if (before.offset == f.offset && std::ranges::equal(before.bytes, f.payload) &&
        f.more == (before.end() != d->total)) {
      counts_.add(counter::fragments_duplicate);
      return {};
    }
    if (before.end() > f.offset) return refuse(*d, counter::fragments_overlapping);
  }
  if (after != d->fragments.end() && after->offset < end) return refuse(*d, counter::fragments_overlapping);
  // The last one says where the datagram ends: nothing may lie behind, and there is one end only.
  const bool contradicts = f.more
                               ? d->total != 0 && end > d->total
                               : d->total != 0 || (!d->fragments.empty() && d->fragments.back().end() > end);
  if (contradicts) return refuse(*d, counter::fragments_overlapping);
  if (d->fragments.size() >= fragment_limit) return refuse(*d, counter::fragments_limit);

  part p{f.offset, {f.payload.begin(), f.payload.end()}};
  std::vector<std::byte> head;
  if (f.offset == 0) head.assign(f.head.begin(), f.head.end());
  const std::size_t cost = p.cost() + head.size();
  const bool fits = make_room(*d, cost);
  d = &*std::ranges::find(datagrams_, f.from, &datagram::from);  // it may have moved, but is there
  if (!fits) return refuse(*d, counter::fragments_limit);
  after = std::ranges::upper_bound(d->fragments, f.offset, {}, &part::offset);
  d->fragments.insert(after, std::move(p));
  d->cost += cost;
  in_use_ += cost;
  d->arrived += f.payload.size();
  d->congestion |= static_cast<std::uint8_t>(1 << (f.congestion & 3));
  if (!f.more) d->total = end;
  if (f.offset == 0) {
    d->head = std::move(head);
    d->first_congestion = f.congestion & 3;
  }
  if (d->total == 0 || d->arrived != d->total) return {};

  // Marks of congestion survive; a mixture with fragments that must not be marked is nothing that a sender
  // makes (RFC 3168 §5.3).
  if ((d->congestion & 1) != 0 && d->congestion != 1) return refuse(*d, counter::fragments_malformed);
  result r = complete(*d);
  drop(*d);
  counts_.add(counter::fragments_reassembled);
  return r;
}

reassembly::result reassembly::complete(const datagram& d) {
  result r{
      .what = verdict::complete, .packet = {}, .head_size = d.head.size(), .congestion = d.first_congestion};
  if ((d.congestion & 1 << 3) != 0) r.congestion = 3;
  r.packet.reserve(d.head.size() + d.total);
  r.packet.insert(r.packet.end(), d.head.begin(), d.head.end());
  for (const part& p : d.fragments) r.packet.insert(r.packet.end(), p.bytes.begin(), p.bytes.end());
  return r;
}

const reassembly::datagram* reassembly::due(time_point now) {
  const auto it = std::ranges::find_if(datagrams_, [&](const datagram& d) { return d.until <= now; });
  if (it == datagrams_.end()) return nullptr;
  if (!it->is_refused) counts_.add(counter::fragments_timed_out);
  return &*it;
}

void reassembly::drop(const datagram& d) {
  in_use_ -= d.cost;
  datagrams_.erase(datagrams_.begin() + (&d - datagrams_.data()));
}

time_point reassembly::deadline() const {
  time_point first = never;
  for (const datagram& d : datagrams_) first = std::min(first, d.until);
  return first;
}

}  // namespace aster::net
