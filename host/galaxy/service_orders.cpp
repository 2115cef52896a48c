// What a service is told to be, and what it says of itself.
#include <ranges>

#include "host/galaxy/service_keeper.hpp"

namespace aster::host::galaxy {

void service_keeper::remember(desk& d) const { d.act(action::remember_service{record()}); }

service_record service_keeper::record() const {
  return {.name = name(),
          .scale = scale_,
          .generation = generation_,
          .failures = failures_,
          .declared = identity_,
          .stopped = stopped_};
}

void service_keeper::restore(desk& d, const service_record& record,
                             std::vector<deployment_record> deployments) {
  scale_ = record.scale;
  generation_ = record.generation;
  failures_ = record.failures;
  identity_ = record.declared;
  stopped_ = record.stopped;
  // How much of the wait was over when the daemon ended is not known.
  if (failures_ > 0) not_before_ = d.now.steady + how_.restart.first;
  rollout_.restore(std::move(deployments));
}

void service_keeper::adopt(desk& d, const instance_record& record) {
  if (!is_edge_) d.keep_station(record.station);
  instances_.emplace_back(record).resume(d);
  was_asleep_ = false;
  busy_ = d.now.steady;
  automatic_ = static_cast<unsigned>(count([](const kept_instance& i) { return i.fit(); }));
  d.tell("adopted", name(), record.name,
         std::format("version {} at {}, process {}", record.version, address_of(record.station),
                     record.process.pid));
}

void service_keeper::declare(desk& d, service how, const image_version& image, const std::string& identity) {
  how_ = std::move(how);
  removed_ = down_ = false;
  if (identity_ == identity && !rollout_.empty()) return;
  if (rollout_.rolling()) rollout_.fail(d, "galaxy.toml wants another");
  // Behind the deployment: killed in between, the daemon would take it for done.
  begin_deployment(d, image);
  identity_ = identity;
  remember(d);
}

void service_keeper::begin_deployment(desk& d, const image_version& image) {
  const unsigned version = rollout_.begin(d, image);
  stopped_.clear();
  failures_ = 0;
  not_before_ = d.now.steady;
  if (rollout_.rolling()) d.tell("deploying", name(), "", std::format("version {}: {}", version, image.told));
  remember(d);
}

void service_keeper::give_up_deployment(desk& d, const std::string& why) {
  const unsigned version = rollout_.target();
  rollout_.fail(d, why);
  not_before_ = d.now.steady;
  d.tell("failed", name(), "", std::format("version {}: {}", version, why));
  d.tell("rolled_back", name(), "", std::format("to version {}", rollout_.target()));
}

void service_keeper::roll(desk& d) {
  if (!rollout_.rolling() || down_) return;
  const auto well_and_new = count([&](const auto& i) { return i.is(instance_state::well) && current(i); });
  const auto older = count([&](const auto& i) { return i.fit() && !current(i); });
  if (older > 0 || well_and_new < wanted_) return;
  const unsigned version = rollout_.target();
  rollout_.complete(d);
  d.tell("deployed", name(), "", std::format("version {}", version));
}

void service_keeper::scale(desk& d, std::optional<unsigned> instances) {
  scale_ = instances;
  stopped_.clear();
  failures_ = 0;
  not_before_ = d.now.steady;
  if (!instances) {
    // From here on requests decide, beginning with what there is.
    automatic_ = std::min<unsigned>(
        how_.most, static_cast<unsigned>(count([](const kept_instance& i) { return i.fit(); })));
    busy_ = d.now.steady;
  }
  remember(d);
  d.tell("scaled", name(), "", instances ? std::format("to {} by hand", *instances) : "as requests need");
}

void service_keeper::restart(desk& d) {
  ++generation_;
  stopped_.clear();
  failures_ = 0;
  not_before_ = d.now.steady;
  remember(d);
  d.tell("restarting", name(), "", "one instance after the other, by hand");
}

outcome<unsigned> service_keeper::deploy(desk& d, const image_version& image) {
  if (rollout_.rolling())
    return std::unexpected(refusal{refusal::kind::conflict, std::format("version {} of {} is being deployed",
                                                                        rollout_.target(), name())});
  begin_deployment(d, image);
  return rollout_.target();
}

outcome<unsigned> service_keeper::rollback(desk& d) {
  if (rollout_.rolling())
    return std::unexpected(refusal{refusal::kind::conflict, std::format("version {} of {} is being deployed",
                                                                        rollout_.target(), name())});
  const deployment_record* const before = rollout_.before();
  if (before == nullptr)
    return std::unexpected(
        refusal{refusal::kind::conflict, std::format("{} has no version that was live before", name())});
  const image_version image{before->told.image, before->file};
  begin_deployment(d, image);
  rollout_.mark_rolled_back();
  return rollout_.target();
}

void service_keeper::take_down(bool for_good) {
  down_ = true;
  removed_ = removed_ || for_good;
}

// ---- what it says of itself

bool service_keeper::wants_instances(const desk& d) const {
  if (down_ || is_hopeless(d)) return false;
  return scale_.value_or(std::max(how_.fewest, automatic_)) > 0 ||
         (!scale_ && (load() > 0 || rollout_.rolling()));
}

service_state service_keeper::state(const desk& d) const {
  if (down_) return service_state::stopped;
  if (count([](const auto& i) { return i.is(instance_state::well); }) > 0) return service_state::well;
  if (!stopped_.empty() || scale_ == 0u) return service_state::stopped;
  const bool always = how_.fewest > 0 || scale_;
  // One that sleeps is tried again by the next request after the wait, which is held for it.
  if (in_crash_loop() && (always || d.now.steady < not_before_)) return service_state::crash_loop;
  if (wanted_ == 0) return service_state::asleep;
  if (blocked_.hopeless) return service_state::stopped;
  const auto starting = count([](const auto& i) { return i.is(instance_state::starting); });
  const auto unwell = count([](const auto& i) { return i.is(instance_state::unwell); });
  return starting == 0 && unwell > 0 ? service_state::unwell : service_state::starting;
}

bool service_keeper::is_hopeless(const desk& d) const {
  const service_state s = state(d);
  return s == service_state::crash_loop || s == service_state::stopped;
}

std::string service_keeper::why(const desk& d) const {
  const service_state s = state(d);
  if (s == service_state::well || s == service_state::asleep) return {};
  if (down_) return "it was taken down";
  if (!stopped_.empty()) return stopped_;
  if (scale_ == 0u) return "it was scaled to no instance by hand";
  if (!blocked_.service.empty()) return std::format("it needs {}, which is not well", blocked_.service);
  return why_;
}

std::vector<const kept_instance*> service_keeper::well() const {
  std::vector<const kept_instance*> all;
  for (const kept_instance& i : instances_)
    if (i.is(instance_state::well)) all.push_back(&i);
  return all;
}

service_status service_keeper::status(const desk& d) const {
  service_status s{.name = name(),
                   .state = state(d),
                   .wanted = wanted_,
                   .fewest = how_.fewest,
                   .most = how_.most,
                   .image = {},
                   .paths = {},
                   .version = rollout_.target(),
                   .requests = requests_,
                   .failed = failed_,
                   .waiting = waiting_,
                   .reaches = how_.reaches,
                   .instances = {},
                   .why = why(d)};
  if (how_.reaches_world) s.reaches.emplace_back("world");
  for (const deployment_record& r : rollout_.all())
    if (r.told.version == s.version) s.image = r.told.image;
  for (const kept_instance& i : instances_) {
    s.instances.push_back({.name = i.record.name,
                           .state = i.record.state,
                           .address = i.record.station == 0 ? "" : address_of(i.record.station),
                           .pid = i.record.process.pid,
                           .started = i.record.started,
                           .version = i.record.version,
                           .restarts = i.record.restarts,
                           .outstanding = i.outstanding});
  }
  return s;
}

}  // namespace aster::host::galaxy
