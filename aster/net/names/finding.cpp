#include "aster/net/names/finding.hpp"

#include <algorithm>

namespace aster::net::names {
namespace {

constexpr duration longest_lifetime = std::chrono::hours{24};
constexpr duration longest_absence = std::chrono::minutes{15};  // RFC 2308 §5: hours are the most

duration seconds(std::uint32_t ttl) {
  return std::min<duration>(std::chrono::seconds{ttl}, longest_lifetime);
}

// How long something is not there: as the zone says that the name would lie in (RFC 2308 §5).
std::optional<duration> absence(const wire::dns& answer, const wire::dns_name& name) {
  for (const auto& r : answer.authorities) {
    const auto* authority = std::get_if<wire::dns_authority>(&r.data);
    if (authority != nullptr && name.is_within(r.name))
      return std::min(seconds(std::min(r.ttl, authority->minimum)), longest_absence);
  }
  return std::nullopt;
}

}  // namespace

reading read_answer(const wire::dns& answer, const wire::dns_name& name, wire::dns_type type) {
  reading result;
  if (answer.code != wire::dns_code::no_error && answer.code != wire::dns_code::no_such_name) return result;
  wire::dns_name current = name;
  duration lifetime = longest_lifetime;
  for (std::size_t aliases = 0; aliases <= alias_limit; ++aliases) {
    const wire::dns_name* target = nullptr;
    for (const auto& r : answer.answers) {
      if (r.name != current) continue;
      if (r.type == type) {
        lifetime = std::min(lifetime, seconds(r.ttl));
        if (result.about.records.size() < finding::record_limit) result.about.records.push_back(r);
      } else if (r.type == wire::dns_type::cname && target == nullptr) {
        target = &std::get<wire::dns_name>(r.data);
        lifetime = std::min(lifetime, seconds(r.ttl));
      }
    }
    if (!result.about.records.empty()) {
      result.is = reading::kind::conclusive;
      result.about.is = finding::kind::found;
      result.about.lifetime = lifetime;
      return result;
    }
    if (target == nullptr) {
      const auto absent = absence(answer, current);
      if (aliases > 0 && !absent && answer.code == wire::dns_code::no_error) {
        result.is = reading::kind::continued;
        result.next = current;
        result.lifetime = lifetime;
        return result;
      }
      result.is = reading::kind::conclusive;
      result.about.is =
          answer.code == wire::dns_code::no_error ? finding::kind::no_data : finding::kind::no_such_name;
      result.about.lifetime = std::min(lifetime, absent.value_or(duration::zero()));
      return result;
    }
    current = *target;
  }
  return result;  // aliases that go in a circle
}

}  // namespace aster::net::names
