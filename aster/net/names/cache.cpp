#include "aster/net/names/cache.hpp"

#include <algorithm>
#include <utility>

namespace aster::net::names {

std::string cache::key(const wire::dns_name& name, wire::dns_type type) {
  std::string text{name.folded().labels()};
  text += '\0';
  text += static_cast<char>(std::to_underlying(type) >> 8);
  text += static_cast<char>(std::to_underlying(type));
  return text;
}

const finding* cache::find(const wire::dns_name& name, wire::dns_type type, time_point now) const {
  const auto at = entries_.find(key(name, type));
  return at != entries_.end() && now < at->second.until ? &at->second.what : nullptr;
}

void cache::keep(const wire::dns_name& name, wire::dns_type type, finding what, time_point now) {
  if (what.lifetime <= duration::zero() || limit_ == 0) return;
  std::string k = key(name, type);
  if (entries_.size() >= limit_ && !entries_.contains(k))
    entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& e) { return e.second.until; }));
  const time_point until = task::after(now, what.lifetime);
  entries_.insert_or_assign(std::move(k), entry{std::move(what), until});
}

}  // namespace aster::net::names
