#include "memory_store.hpp"

#include <algorithm>
#include <utility>

#include "text.hpp"

namespace {

/// What a link takes, with the node it lies in.
std::size_t cost(const short_link& l) {
  return sizeof(short_link) + 64 + 2 * l.id.size() + l.target.size() + l.secret.size();
}

bool comes_before(const short_link& a, const short_link& b, order by) {
  switch (by) {
    case order::newest: return a.number > b.number;
    case order::visits: return a.visits > b.visits;
    case order::last_visit: return a.last_visit > b.last_visit;
    case order::name: break;
  }
  return a.id < b.id;
}

}  // namespace

std::expected<const short_link*, link_store::refusal> memory_store::add(short_link made) {
  made.id = lower(made.id);
  if (links_.contains(made.id)) return std::unexpected(refusal::taken);
  const std::size_t needed = cost(made);
  if (used_ + needed > budget_) return std::unexpected(refusal::full);
  used_ += needed;
  made.number = ++made_;
  std::string id = made.id;
  return &links_.emplace(std::move(id), std::move(made)).first->second;
}

short_link* memory_store::find_mine(std::string_view id) {
  const auto found = links_.find(lower(id));
  return found == links_.end() ? nullptr : &found->second;
}

const short_link* memory_store::find(std::string_view id) const {
  return const_cast<memory_store*>(this)->find_mine(id);
}

bool memory_store::change(std::string_view id, std::string target) {
  short_link* const mine = find_mine(id);
  if (mine == nullptr || used_ - mine->target.size() + target.size() > budget_) return false;
  used_ = used_ - mine->target.size() + target.size();
  mine->target = std::move(target);
  return true;
}

bool memory_store::remove(std::string_view id) {
  const short_link* const mine = find(id);
  if (mine == nullptr) return false;
  used_ -= cost(*mine);
  links_.erase(mine->id);
  return true;
}

void memory_store::count_visit(std::string_view id, instant now) {
  short_link* const mine = find_mine(id);
  if (mine == nullptr) return;
  ++mine->visits;
  mine->last_visit = now;
  mine->daily.count(now);
}

listing memory_store::search(std::string_view text, order by, std::size_t from, std::size_t size) const {
  const std::string wanted = lower(text);
  std::vector<const short_link*> found;
  for (const auto& [id, each] : links_)
    if (wanted.empty() || id.contains(wanted) || lower(each.target).contains(wanted)) found.push_back(&each);
  listing result;
  result.found = found.size();
  from = std::min(from, found.size());
  const std::size_t end = std::min(from + size, found.size());
  // Only what is shown must be in order.
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(end), found.end(),
                    [by](const short_link* a, const short_link* b) {
                      return comes_before(*a, *b, by) || (!comes_before(*b, *a, by) && a->id < b->id);
                    });
  result.links.assign(found.begin() + static_cast<std::ptrdiff_t>(from),
                      found.begin() + static_cast<std::ptrdiff_t>(end));
  return result;
}
