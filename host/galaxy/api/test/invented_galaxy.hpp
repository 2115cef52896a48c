// A galaxy that exists in memory alone, for tests of what shows one: it does at once what is asked for, and
// tells it by events.
#pragma once
#include <algorithm>
#include <filesystem>
#include <format>
#include <string>
#include <utility>
#include <vector>

#include "abi/platform.hpp"
#include "aster/json/enumeration.hpp"
#include "aster/task/wait_queue.hpp"
#include "host/galaxy/galaxy.hpp"

namespace aster::host::galaxy::test {

class invented_galaxy final : public galaxy {
 public:
  explicit invented_galaxy(std::filesystem::path folder = {}) : folder_(std::move(folder)) {
    status_.name = "sample";
    status_.file = "/srv/sample/galaxy.toml";
    status_.url = "http://127.0.0.1:8080/";
    add("edge", service_state::well, 1, {"/"});
    add("shortener", service_state::well, 2, {"/s"}).requests = 1204;
    add("paste", service_state::asleep, 0, {"/paste"}).requests = 17;
    add("chat", service_state::well, 1, {"/chat"}).requests = 88;
    add("links", service_state::asleep, 0, {"/links"});
    service_status& stats = add("status", service_state::crash_loop, 1, {"/status"});
    stats.why = "ended with exit code 134 for the fifth time; the next start is in 12 s";
    stats.instances[0].state = instance_state::ended;
    stats.instances[0].restarts = 5;
    service_of_name("shortener")->reaches = {"paste"};
    for (const service_status& s : status_.services) deployments_.push_back({s.name, {live(1, s.image)}});
    tell("started", "edge", "edge-1", "version 1 at 10.77.0.2");
    tell("well", "edge", "edge-1", "after 2 ms");
  }

  galaxy_status status() const override { return status_; }

  std::vector<event> events(std::uint64_t after, std::size_t limit) const override {
    std::vector<event> some;
    for (const event& e : events_)
      if (e.number > after && some.size() < limit) some.push_back(e);
    return some;
  }
  void await_event(std::uint64_t after, task::time_point deadline) override {
    while (status_.last_event <= after)
      if (!changed_.wait_until(deadline)) return;
  }
  void await_change(task::time_point deadline) override { static_cast<void>(changed_.wait_until(deadline)); }

  outcome<> restart(std::string_view name) override {
    service_status* const s = service_of_name(name);
    if (s == nullptr) return unknown(name);
    for (instance_status& i : s->instances) {
      i.state = instance_state::well;
      i.started = now() / 1000;
      ++i.restarts;
    }
    tell("restarting", s->name, {}, "one after the other");
    return {};
  }
  outcome<> scale(std::string_view name, std::optional<unsigned> instances) override {
    service_status* const s = service_of_name(name);
    if (s == nullptr) return unknown(name);
    if (instances.value_or(0) > s->most)
      return std::unexpected(
          refusal{refusal::kind::invalid, std::format("{} has at most {} instances", name, s->most)});
    set_instances(*s, instances.value_or(s->fewest));
    s->state = s->instances.empty() ? service_state::asleep : service_state::well;
    s->why.clear();
    tell("scaled", s->name, {}, std::format("{} instances", s->wanted));
    return {};
  }
  outcome<unsigned> deploy(std::string_view name, const std::filesystem::path& image) override {
    service_status* const s = service_of_name(name);
    if (s == nullptr) return unknown(name);
    auto& all = history_of(name);
    if (all.back().state == deployment_state::rolling)
      return std::unexpected(refusal{refusal::kind::conflict, "another deployment is under way"});
    all.back().state = deployment_state::replaced;
    all.push_back(live(static_cast<unsigned>(all.size()) + 1, image.string()));
    s->version = all.back().version;
    s->image = image.string();
    for (instance_status& i : s->instances) i.version = s->version;
    tell("deployed", s->name, {}, std::format("version {}", s->version));
    return s->version;
  }
  outcome<unsigned> rollback(std::string_view name) override {
    service_status* const s = service_of_name(name);
    if (s == nullptr) return unknown(name);
    auto& all = history_of(name);
    if (all.size() < 2)
      return std::unexpected(
          refusal{refusal::kind::conflict, std::format("{} has no version before this one", name)});
    const std::string image = all[all.size() - 2].image;
    auto version = deploy(name, image);
    if (version) all[all.size() - 2].state = deployment_state::rolled_back;
    return version;
  }
  outcome<std::vector<deployment>> deployments(std::string_view name) const override {
    for (const auto& [service, all] : deployments_)
      if (service == name) return all;
    return unknown(name);
  }

  outcome<> reload() override {
    tell("changed", {}, {}, "galaxy.toml is read");
    return {};
  }
  void take_down() override {
    is_down = true;
    tell("stopped", {}, {}, "the galaxy goes down");
  }

  outcome<std::filesystem::path> log_of(std::string_view instance) const override {
    if (!has_instance(instance)) return unknown(instance);
    return folder_ / (std::string{instance} + ".log");
  }
  outcome<std::filesystem::path> console_of(std::string_view instance) const override {
    if (!has_instance(instance)) return unknown(instance);
    return folder_ / ("console-" + std::string{instance});
  }

  service_status* service_of_name(std::string_view name) {
    const auto at = std::ranges::find(status_.services, name, &service_status::name);
    return at == status_.services.end() ? nullptr : &*at;
  }
  void set_instances(service_status& s, unsigned count) {
    s.wanted = count;
    s.instances.resize(count);
    for (unsigned n = 0; n < count; ++n) {
      instance_status& i = s.instances[n];
      if (!i.name.empty()) continue;
      i = {.name = std::format("{}-{}", s.name, n + 1),
           .state = instance_state::well,
           .address = std::format("10.77.0.{}", 2 + used_++),
           .pid = 40'000 + used_,
           .started = now() / 1000,
           .version = s.version,
           .restarts = 0,
           .memory = 4'800'000 + 131'072ull * used_,
           .processor = 0.25 * used_,
           .outstanding = 0};
    }
  }
  void tell(std::string kind, std::string service, std::string instance, std::string text) {
    events_.push_back({++status_.last_event, now(), std::move(kind), std::move(service), std::move(instance),
                       std::move(text)});
    if (events_.size() > 1000) events_.erase(events_.begin());
    changed_.notify_all();
  }
  void touch() { changed_.notify_all(); }

  bool is_down = false;

 private:
  static std::int64_t now() { return abi::current_platform().wall() / 1'000'000; }
  static std::unexpected<refusal> unknown(std::string_view name) {
    return std::unexpected(refusal{refusal::kind::unknown, std::format("there is no {}", name)});
  }
  deployment live(unsigned version, std::string image) const {
    return {.version = version,
            .time = now(),
            .image = std::move(image),
            .state = deployment_state::live,
            .why = {}};
  }
  service_status& add(std::string name, service_state state, unsigned instances,
                      std::vector<std::string> paths) {
    service_status s;
    s.name = std::move(name);
    s.state = state;
    s.most = 5;
    s.image = std::format("/srv/sample/{}", s.name);
    s.paths = std::move(paths);
    s.version = 1;
    set_instances(s, instances);
    status_.services.push_back(std::move(s));
    return status_.services.back();
  }
  std::vector<deployment>& history_of(std::string_view name) {
    return std::ranges::find(deployments_, name, &std::pair<std::string, std::vector<deployment>>::first)
        ->second;
  }
  bool has_instance(std::string_view name) const {
    return std::ranges::any_of(status_.services, [&](const service_status& s) {
      return std::ranges::contains(s.instances, name, &instance_status::name);
    });
  }

  std::filesystem::path folder_;
  galaxy_status status_;
  std::vector<event> events_;
  std::vector<std::pair<std::string, std::vector<deployment>>> deployments_;
  unsigned used_ = 0;
  task::wait_queue changed_{"the galaxy to change"};
};

}  // namespace aster::host::galaxy::test
