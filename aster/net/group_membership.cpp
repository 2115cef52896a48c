#include "aster/net/group_membership.hpp"

#include <algorithm>

namespace aster::net {

using wire::igmp;

bool group_membership::contains(ipv4_address group) const {
  if (group == all_hosts) return true;
  const auto it = std::ranges::find(groups_, group, &group_membership::group::address);
  return it != groups_.end() && it->joined > 0;
}

bool group_membership::join(ipv4_address address, time_point now) {
  if (!address.is_multicast()) return false;
  if (address == all_hosts) return true;
  auto it = std::ranges::find(groups_, address, &group::address);
  if (it == groups_.end()) {
    if (groups_.size() >= group_limit) return false;
    groups_.push_back({.address = address});
    it = std::prev(groups_.end());
  }
  if (it->joined++ == 0) change(*it, now);
  return true;
}

void group_membership::leave(ipv4_address address, time_point now) {
  const auto it = std::ranges::find(groups_, address, &group::address);
  if (it == groups_.end() || it->joined == 0) return;
  if (--it->joined == 0) change(*it, now);
}

void group_membership::change(group& g, time_point now) {
  g.changes = robustness;
  g.report_at = now;
}

void group_membership::announce(time_point now) {
  for (group& g : groups_)
    if (g.joined > 0) change(g, now);
}

// The oldest that a router here speaks (RFC 3376 §7.2.1).
std::uint8_t group_membership::version(time_point now) const {
  if (now < version_1_until_) return 1;
  return now < version_2_until_ ? 2 : 3;
}

void group_membership::arrived(wire::bytes bytes, time_point now) {
  const auto m = igmp::parse(bytes);
  if (!m) {
    counts_.add(counter::igmp_malformed);
    return;
  }
  if (m->type == igmp::kind::report_v1 || m->type == igmp::kind::report_v2) {
    // Somebody else has said it: in the old versions one report for a group is enough (RFC 2236 §3).
    const auto it = std::ranges::find(groups_, m->group, &group::address);
    if (it != groups_.end() && version(now) < 3 && it->changes == 0) it->report_at = never;
    return;
  }
  if (m->type != igmp::kind::query) return;
  counts_.add(counter::igmp_queries);
  if (m->version == 1) version_1_until_ = now + old_querier_lasts;
  if (m->version == 2) version_2_until_ = now + old_querier_lasts;
  // Of version 3 all groups are in one report: one moment for all of them.
  const time_point together = now + somewhere_in(m->patience);
  for (group& g : groups_) {
    if (g.joined == 0 || (!m->group.is_unspecified() && m->group != g.address)) continue;
    const time_point at = version(now) == 3 ? together : now + somewhere_in(m->patience);
    g.report_at = std::min(g.report_at, at);
  }
}

time_point group_membership::deadline() const {
  time_point first = never;
  for (const group& g : groups_) first = std::min(first, g.report_at);
  return first;
}

// What to say of `g`, which is said thereby; a change again after a while.
igmp::change group_membership::reported(group& g, time_point now) {
  igmp::change what = igmp::change::listens;
  g.report_at = never;
  if (g.changes > 0) {
    what = g.joined > 0 ? igmp::change::begins : igmp::change::ends;
    if (--g.changes > 0) g.report_at = now + change_interval / 10 + somewhere_in(change_interval);
  }
  return what;
}

std::optional<group_membership::message> group_membership::next(wire::mutable_bytes out, time_point now) {
  std::array<igmp::record, group_limit> records;
  std::size_t count = 0;
  std::optional<message> result;
  for (group& g : groups_) {
    if (g.report_at > now) continue;
    const igmp::change what = reported(g, now);
    if (version(now) == 3) {
      records[count++] = {what, g.address};
      continue;
    }
    const bool leaves = what == igmp::change::ends;
    if (leaves && version(now) == 1) continue;  // it knows no leaving
    const igmp::kind type = leaves              ? igmp::kind::leave
                            : version(now) == 1 ? igmp::kind::report_v1
                                                : igmp::kind::report_v2;
    igmp::emit(out, type, g.address);
    result = {leaves ? all_routers : g.address, igmp::size};
    break;
  }
  std::erase_if(groups_, [](const group& g) { return g.joined == 0 && g.changes == 0; });
  if (count > 0) {
    igmp::emit(out, std::span{records}.first(count));
    result = {all_reporters, igmp::size + count * igmp::record_size};
  }
  if (result) counts_.add(counter::igmp_reports);
  return result;
}

}  // namespace aster::net
