// What was asked before, for as long as its owner said that it holds.
//
//   if (const finding* known = cache.find(name, type, now)) return *known;
//   cache.keep(name, type, found, now);
//
// What is not there is remembered too (RFC 2308), and for a few seconds that no server would answer (RFC
// 9520), so that a program which asks again at once does not add to the trouble. A full cache gives up what
// would have left it soonest.
#pragma once
#include <string>
#include <unordered_map>

#include "aster/net/names/finding.hpp"

namespace aster::net::names {

class cache {
 public:
  explicit cache(std::size_t limit = 256) : limit_(limit) {}

  /// Valid until the next `keep`. Null: not known, or not any more.
  const finding* find(const wire::dns_name& name, wire::dns_type type, time_point now) const;

  /// Without a lifetime: nothing is kept.
  void keep(const wire::dns_name& name, wire::dns_type type, finding what, time_point now);

  std::size_t size() const { return entries_.size(); }
  void clear() { entries_.clear(); }

 private:
  struct entry {
    finding what;
    time_point until;
  };
  static std::string key(const wire::dns_name& name, wire::dns_type type);

  std::size_t limit_;
  std::unordered_map<std::string, entry> entries_;
};

}  // namespace aster::net::names
