#include "aster/net/multicast_listeners.hpp"

#include <algorithm>

namespace aster::net {

namespace {
// Records (RFC 3810 §5.2.12): a group that we listen to is one whose excluded sources are none.
constexpr std::uint8_t is_exclude = 2, to_include = 3, to_exclude = 4;
}  // namespace

multicast_listeners::group* multicast_listeners::find(const ipv6_address& address) {
  const auto it = std::ranges::find(groups_, address, &group::address);
  return it == groups_.end() ? nullptr : &*it;
}

bool multicast_listeners::join(const ipv6_address& address, time_point now) {
  if (!address.is_multicast()) return false;
  group* g = find(address);
  if (g == nullptr) {
    if (groups_.size() >= group_limit) return false;
    g = &groups_.emplace_back();
    g->address = address;
  }
  if (++g->joined > 1 || address == ipv6_address::all_nodes()) return true;
  g->changes = robustness;
  g->report_at = now;
  return true;
}

void multicast_listeners::leave(const ipv6_address& address, time_point now) {
  group* g = find(address);
  if (g == nullptr || g->joined == 0 || --g->joined > 0) return;
  g->changes = robustness;
  g->report_at = now;
}

bool multicast_listeners::contains(const ipv6_address& address) const {
  return address == ipv6_address::all_nodes() || std::ranges::any_of(groups_, [&](const group& g) {
           return g.joined > 0 && g.address == address;
         });
}

void multicast_listeners::query_arrived(const wire::icmpv6& query, time_point now) {
  if (query.payload.size() < 16) return;
  // Beyond 32,767 the code is a floating number (§5.1.3); half a minute is as good an answer to all of those.
  const std::uint32_t most = std::min(query.rest >> 16, std::uint32_t{32768});
  ipv6_address about;
  std::copy_n(query.payload.begin(), 16, std::as_writable_bytes(std::span{about.bytes}).begin());
  for (group& g : groups_) {
    if (g.joined == 0 || g.address == ipv6_address::all_nodes()) continue;
    if (!about.is_unspecified() && about != g.address) continue;
    const time_point at = now + std::chrono::milliseconds{random_.below(most + 1)};
    g.report_at = std::min(g.report_at, at);
  }
}

std::size_t multicast_listeners::next(wire::mutable_bytes out, time_point now) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < groups_.size();) {
    group& g = groups_[i];
    if (g.report_at > now) {
      ++i;
      continue;
    }
    const wire::mutable_bytes record = out.subspan(count++ * record_size, record_size);
    wire::store8(record, 0, g.joined == 0 ? to_include : g.changes > 0 ? to_exclude : is_exclude);
    wire::store8(record, 1, 0);
    wire::store16(record, 2, 0);
    std::copy_n(std::as_bytes(std::span{g.address.bytes}).begin(), 16, record.begin() + 4);
    if (g.changes > 0) --g.changes;
    g.report_at = g.changes > 0 ? now + change_interval : never;
    if (g.joined == 0 && g.changes == 0) {
      groups_.erase(groups_.begin() + static_cast<long>(i));
    } else {
      ++i;
    }
  }
  return count;
}

time_point multicast_listeners::deadline() const {
  time_point first = never;
  for (const group& g : groups_) first = std::min(first, g.report_at);
  return first;
}

}  // namespace aster::net
