#include "host/galaxy/rollout.hpp"

#include <algorithm>
#include <ranges>

namespace aster::host::galaxy {

const deployment_record* rollout::find(deployment_state s) const {
  for (const deployment_record& r : all_ | std::views::reverse)
    if (r.told.state == s) return &r;
  return nullptr;
}

unsigned rollout::target() const {
  if (const auto* r = find(deployment_state::rolling)) return r->told.version;
  if (const auto* r = find(deployment_state::live)) return r->told.version;
  return 0;
}

std::string rollout::file_of(unsigned version) const {
  const auto found = std::ranges::find(all_, version, [](const auto& r) { return r.told.version; });
  return found == all_.end() ? std::string{} : found->file;
}

const deployment_record* rollout::before() const {
  const deployment_record* const live = find(deployment_state::live);
  for (const deployment_record& r : all_ | std::views::reverse)
    if (r.told.state == deployment_state::replaced && (live == nullptr || r.file != live->file)) return &r;
  return nullptr;
}

void rollout::become(desk& d, deployment_record& which, deployment_state s, std::string why) {
  which.told.state = s;
  which.told.why = std::move(why);
  d.act(action::remember_deployment{which});
}

unsigned rollout::begin(desk& d, const image_version& image) {
  const unsigned version = all_.empty() ? 1 : all_.back().told.version + 1;
  const bool first = find(deployment_state::live) == nullptr;
  rolling_back_ = false;
  if (all_.size() >= most_kept) {
    const auto oldest = std::ranges::find_if(all_, [](const deployment_record& r) {
      return r.told.state != deployment_state::live && r.told.state != deployment_state::rolling;
    });
    if (oldest != all_.end()) all_.erase(oldest);
  }
  all_.push_back({service_,
                  {.version = version,
                   .time = d.now.wall,
                   .image = image.told,
                   .state = first ? deployment_state::live : deployment_state::rolling,
                   .why = {}},
                  image.file});
  d.act(action::remember_deployment{all_.back()});
  return version;
}

void rollout::complete(desk& d) {
  deployment_record* const rolling = find(deployment_state::rolling);
  if (rolling == nullptr) return;
  // The new one first: when the daemon is killed in between, two are live, of which the later counts.
  deployment_record* const live = find(deployment_state::live);
  become(d, *rolling, deployment_state::live);
  if (live != nullptr)
    become(d, *live, rolling_back_ ? deployment_state::rolled_back : deployment_state::replaced);
  rolling_back_ = false;
}

void rollout::fail(desk& d, const std::string& why) {
  if (deployment_record* const rolling = find(deployment_state::rolling))
    become(d, *rolling, deployment_state::failed, why);
  rolling_back_ = false;
}

}  // namespace aster::host::galaxy
