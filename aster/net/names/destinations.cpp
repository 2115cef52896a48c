#include "aster/net/names/destinations.hpp"

#include <algorithm>

namespace aster::net::names {
namespace {

struct policy {
  ipv6_address prefix;
  unsigned length;
  int precedence;
  int label;
};

// RFC 6724 §2.1, the longest prefix first.
constexpr policy policies[] = {
    {{0, 0, 0, 0, 0, 0, 0, 1}, 128, 50, 0},     {{0, 0, 0, 0, 0, 0xffff, 0, 0}, 96, 35, 4},
    {{0, 0, 0, 0, 0, 0, 0, 0}, 96, 1, 3},       {{0x2001, 0, 0, 0, 0, 0, 0, 0}, 32, 5, 5},
    {{0x2002, 0, 0, 0, 0, 0, 0, 0}, 16, 30, 2}, {{0x3ffe, 0, 0, 0, 0, 0, 0, 0}, 16, 1, 12},
    {{0xfec0, 0, 0, 0, 0, 0, 0, 0}, 10, 1, 11}, {{0xfc00, 0, 0, 0, 0, 0, 0, 0}, 7, 3, 13},
    {{0, 0, 0, 0, 0, 0, 0, 0}, 0, 40, 1},
};

const policy& policy_of(const ip_address& a) {
  return *std::ranges::find_if(policies,
                               [&](const policy& p) { return a.v6().common_prefix(p.prefix) >= p.length; });
}

// How far an address reaches, as the scopes of IPv6 multicast number it (RFC 6724 §3.1, §3.2).
int scope(const ip_address& a) {
  constexpr int link = 2, site = 5, global = 14;
  if (a.is_v4()) return a.is_loopback() || a.v4().value >> 16 == 0xa9fe ? link : global;
  if (a.is_multicast()) return a.bytes()[1] & 15;
  if (a.is_loopback() || a.v6().is_link_local()) return link;
  return a.v6().common_prefix({0xfec0, 0, 0, 0, 0, 0, 0, 0}) >= 10 ? site : global;
}

bool goes_before(const candidate& a, const candidate& b) {
  // Rule 1: avoid unusable destinations.
  if (a.source.has_value() != b.source.has_value()) return a.source.has_value();
  const int scope_a = scope(a.destination), scope_b = scope(b.destination);
  const policy &policy_a = policy_of(a.destination), &policy_b = policy_of(b.destination);
  if (a.source) {
    // Rule 2: prefer matching scope.
    const bool match_a = scope_a == scope(*a.source), match_b = scope_b == scope(*b.source);
    if (match_a != match_b) return match_a;
    // Rule 5: prefer matching label.
    const bool label_a = policy_a.label == policy_of(*a.source).label;
    const bool label_b = policy_b.label == policy_of(*b.source).label;
    if (label_a != label_b) return label_a;
  }
  // Rule 6: prefer higher precedence.
  if (policy_a.precedence != policy_b.precedence) return policy_a.precedence > policy_b.precedence;
  // Rule 8: prefer smaller scope.
  if (scope_a != scope_b) return scope_a < scope_b;
  // Rule 9: the longest matching prefix, of IPv6 alone: of IPv4 it would undo what a server does to spread
  // load.
  if (a.source && a.destination.is_v6() && b.destination.is_v6()) {
    const unsigned near_a = std::min(64u, a.destination.v6().common_prefix(a.source->v6()));
    const unsigned near_b = std::min(64u, b.destination.v6().common_prefix(b.source->v6()));
    if (near_a != near_b) return near_a > near_b;
  }
  return false;
}

}  // namespace

// Rule 9 holds among IPv6 alone, so the rules are no strict order over a mixture that they leave equal; but
// what they leave equal up to there has one precedence, and so one family, except by unusual policies.
void order(std::vector<candidate>& candidates) { std::ranges::stable_sort(candidates, goes_before); }

void interleave(std::vector<ip_address>& addresses) {
  if (addresses.empty()) return;
  const bool first_family = addresses.front().is_v4();
  const auto other = std::ranges::stable_partition(
      addresses, [&](const ip_address& a) { return a.is_v4() == first_family; });
  const std::vector<ip_address> rest(other.begin(), other.end());
  addresses.erase(other.begin(), addresses.end());
  for (std::size_t i = 0; i < rest.size(); ++i)
    addresses.insert(addresses.begin() + static_cast<long>(std::min(2 * i + 1, addresses.size())), rest[i]);
}

}  // namespace aster::net::names
