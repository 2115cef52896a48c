#include "aster/net/neighbours.hpp"

#include <algorithm>

namespace aster::net {

neighbours::entry* neighbours::lookup(const ip_address& address) {
  if (last_found_ < entries_.size() && entries_[last_found_].address == address)
    return &entries_[last_found_];
  const auto it = std::ranges::find(entries_, address, &entry::address);
  if (it == entries_.end()) return nullptr;
  last_found_ = static_cast<std::size_t>(it - entries_.begin());
  return &*it;
}

// A new entry; when the cache is full the one leaves that was used longest ago: of those that are being asked
// for as long as these are more than half, since anybody can make us ask for thousands (RFC 6583 §4).
neighbours::entry* neighbours::make(const ip_address& address, time_point now) {
  if (entries_.size() >= entry_limit) {
    const bool from_unknown =
        std::ranges::count(entries_, false, &entry::known) > static_cast<long>(unknown_limit);
    const auto victim = std::ranges::min_element(entries_, [&](const entry& a, const entry& b) {
      return a.known != b.known ? a.known != from_unknown : a.used < b.used;
    });
    counts_.add(counter::arp_unresolved, victim->waiting.size());
    waiting_total_ -= victim->waiting.size();
    if (&*victim != &entries_.back()) *victim = std::move(entries_.back());
    entries_.pop_back();
  }
  entry& e = entries_.emplace_back();
  e.address = address;
  e.used = now;
  last_found_ = entries_.size() - 1;
  return &e;
}

// Makes room for one more frame: at `e`, and at all of them together.
void neighbours::make_room(entry& e) {
  entry* full = nullptr;
  if (e.waiting.size() >= waiting_limit) {
    full = &e;
  } else if (waiting_total_ >= waiting_total_limit) {
    for (entry& other : entries_)
      if (!other.waiting.empty() && (full == nullptr || other.used < full->used)) full = &other;
  }
  if (full == nullptr) return;
  full->waiting.erase(full->waiting.begin());
  --waiting_total_;
  counts_.add(counter::arp_queue_full);
}

std::optional<mac_address> neighbours::find(const ip_address& address, time_point now) {
  entry* e = lookup(address);
  if (e == nullptr || !e->known) return std::nullopt;
  e->used = now;
  return e->mac;
}

std::optional<mac_address> neighbours::look(const ip_address& address) const {
  const auto it = std::ranges::find(entries_, address, &entry::address);
  return it != entries_.end() && it->known ? std::optional{it->mac} : std::nullopt;
}

bool neighbours::wait(const ip_address& address, const abi::net_header& header,
                      std::span<const std::span<const std::byte>> pieces, time_point now) {
  entry* e = lookup(address);
  const bool is_new = e == nullptr;
  if (is_new) {
    e = make(address, now);
    e->asked = 1;
    e->next = now + retry_after;
  }
  e->used = now;
  make_room(*e);
  waiting_frame frame{header, {}};
  for (const auto piece : pieces) frame.bytes.insert(frame.bytes.end(), piece.begin(), piece.end());
  e->waiting.push_back(std::move(frame));
  ++waiting_total_;
  return is_new;
}

std::vector<neighbours::waiting_frame> neighbours::heard(const ip_address& address, mac_address mac,
                                                         bool to_us, time_point now, bool is_certain) {
  if (mac.is_multicast() || mac.is_zero() || !address.is_unicast()) return {};
  entry* e = lookup(address);
  if (e == nullptr) {
    if (!to_us) return {};
    e = make(address, now);
  }
  if (is_certain || !e->known || e->mac != mac) {
    e->next = now + (is_certain ? trust_.lasts - trust_.refresh : delay_first_probe);
    e->refreshing = false;
    e->asked = 0;
  }
  e->mac = mac;
  e->known = true;
  waiting_total_ -= e->waiting.size();
  return std::exchange(e->waiting, {});
}

neighbours::due neighbours::expired(time_point now) {
  due result;
  for (std::size_t i = 0; i < entries_.size();) {
    entry& e = entries_[i];
    if (e.next > now) {
      ++i;
      continue;
    }
    // Unused for as long as a refresh takes: forgotten without a question.
    const bool in_use = !e.known || e.refreshing || now - e.used < trust_.lasts - trust_.refresh;
    if (in_use && e.asked < tries) {
      ++e.asked;
      e.refreshing = e.known;
      e.next = now + (e.known ? trust_.refresh / (tries + 1) : retry_after);
      result.questions.push_back({e.address, e.known ? e.mac : mac_address::broadcast()});
      ++i;
      continue;
    }
    if (!e.known) {
      counts_.add(counter::arp_unresolved, e.waiting.size());
      result.failed.push_back(e.address);
    }
    waiting_total_ -= e.waiting.size();
    if (&e != &entries_.back()) e = std::move(entries_.back());
    entries_.pop_back();
  }
  return result;
}

void neighbours::forget(const ip_address& address) {
  if (entry* e = lookup(address)) {
    waiting_total_ -= e->waiting.size();
    if (e != &entries_.back()) *e = std::move(entries_.back());
    entries_.pop_back();
  }
}

time_point neighbours::deadline() const {
  time_point first = never;
  for (const entry& e : entries_) first = std::min(first, e.next);
  return first;
}

}  // namespace aster::net
