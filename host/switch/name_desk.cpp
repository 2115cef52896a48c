#include "host/switch/name_desk.hpp"

#include <algorithm>

namespace aster::host {
namespace {

std::vector<name_desk::reply> replies(const std::vector<name_desk::asker>& askers, name_verdict verdict,
                                      std::span<const std::uint32_t> addresses) {
  std::vector<name_desk::reply> all;
  for (const name_desk::asker& a : askers)
    all.push_back({a.station, a.at, host::answer(a.question, verdict, addresses, name_desk::lifetime)});
  return all;
}

}  // namespace

name_desk::taken name_desk::ask(asker who, time_point now) {
  const auto same = std::ranges::find_if(
      pending_, [&](const auto& entry) { return entry.second.name == who.question.name; });
  if (same == pending_.end()) {
    if (pending_.size() >= name_limit) return {};
    const std::uint64_t id = ++last_id_;
    std::string name = who.question.name;
    pending_.emplace(id, pending{std::move(name), now + patience, {std::move(who)}});
    return {id, true};
  }
  auto& askers = same->second.askers;
  const bool repeated = std::ranges::any_of(askers, [&](const asker& a) {
    return a.station == who.station && a.at.port == who.at.port && a.question.id == who.question.id;
  });
  if (!repeated) {
    if (askers.size() >= asker_limit) return {};
    askers.push_back(std::move(who));
  }
  return {same->first, false};
}

std::vector<name_desk::reply> name_desk::answer(std::uint64_t id, std::span<const std::uint32_t> addresses,
                                                bool failed) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return {};
  const name_verdict verdict = failed              ? name_verdict::failed
                               : addresses.empty() ? name_verdict::unknown
                                                   : name_verdict::found;
  const auto node = pending_.extract(at);
  return replies(node.mapped().askers, verdict, addresses);
}

std::vector<name_desk::reply> name_desk::expire(time_point now) {
  std::vector<reply> all;
  while (!pending_.empty() && pending_.begin()->second.until <= now) {
    const auto node = pending_.extract(pending_.begin());
    std::ranges::move(replies(node.mapped().askers, name_verdict::failed, {}), std::back_inserter(all));
  }
  return all;
}

std::optional<name_desk::time_point> name_desk::deadline() const {
  if (pending_.empty()) return std::nullopt;
  return pending_.begin()->second.until;
}

std::vector<name_desk::open_question> name_desk::waiting() const {
  std::vector<open_question> all;
  for (const auto& [id, p] : pending_) all.push_back({id, p.askers.front().station, p.name});
  return all;
}

}  // namespace aster::host
