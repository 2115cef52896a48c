#include "host/galaxy/keeper.hpp"

#include <ranges>

namespace aster::host::galaxy {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view edge_name = "edge";
constexpr auto question_limit = 9s;  // the switch holds one for ten
constexpr std::size_t most_questions = 10'000;
constexpr auto traffic_interval = 1s;

/// The edge, as if galaxy.toml had it among its services.
service edge_service(const edge& front) {
  service s;
  s.name = edge_name;
  s.memory = front.memory;
  s.port = 80;
  s.fewest = s.most = 1;
  s.health.by = health_check::kind::tcp;
  return s;
}

}  // namespace

keeper::keeper(settings s) : desk_(s.seed, std::move(s.make_token)), name_(std::move(s.name)) {}

service_keeper* keeper::find(std::string_view service) const {
  const auto found =
      std::ranges::find(services_, service, [](const auto& s) -> std::string_view { return s->name(); });
  return found == services_.end() ? nullptr : found->get();
}

service_keeper* keeper::owner(std::string_view instance, kept_instance** which) const {
  for (const auto& s : services_) {
    for (kept_instance& i : s->instances()) {
      if (i.record.name != instance) continue;
      if (which != nullptr) *which = &i;
      return s.get();
    }
  }
  return nullptr;
}

kept_instance* keeper::at_station(std::uint32_t station, service_keeper** whose) const {
  for (const auto& s : services_) {
    for (kept_instance& i : s->instances()) {
      if (!i.runs || i.record.station != station) continue;
      if (whose != nullptr) *whose = s.get();
      return &i;
    }
  }
  return nullptr;
}

// ---- what it is to keep

void keeper::begin(moment now, const remembered& store, std::span<const found_instance> found) {
  desk_.now = now;
  left_ = store;
  found_.assign(found.begin(), found.end());
}

void keeper::declare(moment now, const declaration& what,
                     const std::map<std::string, declared_image>& images) {
  desk_.now = now;
  declared_ = what;
  std::vector<service> wanted{edge_service(what.front)};
  wanted.insert(wanted.end(), what.services.begin(), what.services.end());
  // Services that are remembered and not declared still have instances to end.
  for (const service_record& r : left_.services) {
    if (std::ranges::contains(wanted, r.name, &service::name)) continue;
    service gone;
    gone.name = r.name;
    services_.push_back(std::make_unique<service_keeper>(gone, false));
    services_.back()->take_down(true);
  }
  for (const auto& s : services_)
    if (!std::ranges::contains(wanted, s->name(), &service::name)) s->take_down(true);
  for (service& how : wanted) {
    const auto image = images.find(how.name);
    service_keeper* s = find(how.name);
    if (s == nullptr) {
      services_.push_back(std::make_unique<service_keeper>(how, how.name == edge_name));
      s = services_.back().get();
    }
    for (const service_record& r : left_.services) {
      if (r.name != how.name) continue;
      std::vector<deployment_record> deployments;
      for (const deployment_record& d : left_.deployments)
        if (d.service == how.name) deployments.push_back(d);
      s->restore(desk_, r, std::move(deployments));
    }
    if (image != images.end()) s->declare(desk_, how, image->second.image, image->second.identity);
  }
  // In the order in which they can start, those that end last.
  std::ranges::stable_sort(services_, {}, [&](const auto& s) {
    return std::ranges::find(wanted, s->name(), &service::name) - wanted.begin();
  });

  for (const instance_record& r : left_.instances) {
    const auto seen = std::ranges::find(found_, r.name, &found_instance::name);
    service_keeper* const s = find(r.service);
    if (s == nullptr || seen == found_.end()) {
      desk_.act(action::forget_instance{r.name});  // what was begun and not done
      continue;
    }
    s->adopt(desk_, r);
    if (!seen->runs) s->ended(desk_, r.name, seen->code, seen->why);
  }
  left_ = {};
  found_.clear();
  settle(now);
}

// ---- what happens

void keeper::look(moment now) { settle(now); }

void keeper::started(moment now, std::string_view instance, process_identity process) {
  desk_.now = now;
  kept_instance* i = nullptr;
  if (service_keeper* const s = owner(instance, &i)) s->started(desk_, *i, process);
  settle(now);
}

void keeper::start_failed(moment now, std::string_view instance, std::string_view why) {
  ended(now, instance, 125, std::format("it could not be started: {}", why));
}

void keeper::ended(moment now, std::string_view instance, int code, std::string_view why) {
  desk_.now = now;
  if (service_keeper* const s = owner(instance)) {
    s->ended(desk_, instance, code, why);
    if (s->name() == edge_name)
      for (const auto& other : services_) other->edge_gone();
  }
  settle(now);
}

void keeper::switch_gone(moment now) {
  desk_.switch_is_up = false;
  rules_told_.reset();
  published_.reset();
  questions_.clear();
  traffic_asked_ = task::time_point::min();
  settle(now);
}

void keeper::switch_said(moment now, const switch_control::event& what) {
  desk_.now = now;
  std::visit([this](const auto& e) { on(e); }, what);
  settle(now);
}

void keeper::on(const switch_control::state& s) {
  desk_.switch_is_up = true;
  for (const switch_control::station_state& there : s.stations)
    if (at_station(there.station) == nullptr && there.station != desk::edge_station)
      desk_.act(action::to_switch{switch_control::remove{there.station}});
  for (const auto& service : services_) {
    for (kept_instance& i : service->instances()) {
      if (!i.runs) continue;
      desk_.act(action::to_switch{switch_control::station{.station = i.record.station,
                                                          .service = i.record.service,
                                                          .address = address_of(i.record.station),
                                                          .world = service->declared().reaches_world,
                                                          .token = i.record.token}});
      const auto there =
          std::ranges::find(s.stations, i.record.station, &switch_control::station_state::station);
      if (there != s.stations.end() && there->attached)
        i.attached(desk_);
      else if (!i.is(instance_state::starting))
        i.unplug(desk_);
    }
  }
  for (const switch_control::publish& p : s.published) {
    if (p.station == desk::edge_station && p.address == declared_.front.address &&
        p.port == declared_.front.port)
      published_ = p;
    else
      desk_.act(action::to_switch{switch_control::unpublish{p.address, p.port}});
  }
}

void keeper::on(const switch_control::attached& s) {
  if (kept_instance* const i = at_station(s.station)) i->attached(desk_);
}

void keeper::on(const switch_control::detached& s) {
  if (kept_instance* const i = at_station(s.station)) i->detached(desk_);
}

void keeper::on(const switch_control::question& q) {
  service_keeper* asker = nullptr;
  at_station(q.station, &asker);
  service_keeper* const s = find(q.name);
  const bool may =
      asker != nullptr && s != nullptr && s->name() != edge_name &&
      (asker == s || asker->name() == edge_name || std::ranges::contains(asker->declared().reaches, q.name));
  if (!may) return answer(q.id, {});
  s->asked(desk_);
  if (questions_.size() >= most_questions) return answer(q.id, {}, true);
  questions_.push_back({q.id, q.name, desk_.now.steady + question_limit});
}

void keeper::on(const switch_control::probed& p) {
  for (const auto& s : services_)
    for (kept_instance& i : s->instances())
      if (i.runs && p.id != 0 && i.probe() == p.id) i.probed(desk_, s->declared(), p.well, p.why);
}

void keeper::on(const switch_control::traffic_report& t) {
  for (const switch_control::station_traffic& one : t.stations) {
    service_keeper* s = nullptr;
    if (at_station(one.station, &s) != nullptr)
      s->idle(desk_, one.station, std::chrono::milliseconds(one.idle_ms));
  }
}

void keeper::on(const switch_control::done& d) {
  if (d.of != "publish" || publish_failed_.empty()) return;
  publish_failed_.clear();
  desk_.tell("well", std::string(edge_name), "", std::format("listens on {}", edge_address()));
}

void keeper::on(const switch_control::failed& f) {
  if (f.of == "publish") {
    published_.reset();
    publish_again_ = desk_.now.steady + 2s;
    if (publish_failed_ == f.why) return;
    publish_failed_ = f.why;
  }
  desk_.tell("failed", f.of == "publish" ? std::string(edge_name) : "", "",
             std::format("{}: {}", f.of, f.why));
}

bool keeper::is_edge(std::string_view token) const {
  const service_keeper* const s = find(edge_name);
  return s != nullptr && !token.empty() && std::ranges::any_of(s->instances(), [&](const kept_instance& i) {
           return i.runs && i.record.token == token;
         });
}

void keeper::edge_connected(moment now) {
  edge_is_connected_ = true;
  table_told_.reset();
  settle(now);
}

void keeper::edge_disconnected(moment now) {
  edge_is_connected_ = false;
  settle(now);
}

void keeper::edge_said(moment now, const proxy::edge_demand& demand) {
  desk_.now = now;
  for (const auto& s : services_) {
    const auto found = std::ranges::find(demand.demand, s->name(), &proxy::service_load::service);
    if (found != demand.demand.end())
      s->loaded(desk_, *found);
    else if (s->name() != edge_name)
      s->loaded(desk_, {});
  }
  settle(now);
}

// ---- what the operator wants

outcome<service_keeper*> keeper::known(std::string_view service) const {
  service_keeper* const s = find(service);
  if (s == nullptr)
    return std::unexpected(refusal{refusal::kind::unknown, std::format("there is no service {}", service)});
  if (going_down_ || s->is_removed())
    return std::unexpected(refusal{refusal::kind::conflict, std::format("{} is being taken down", service)});
  return s;
}

outcome<> keeper::scale(moment now, std::string_view service, std::optional<unsigned> instances) {
  const auto s = known(service);
  if (!s) return std::unexpected(s.error());
  if (service == edge_name)
    return std::unexpected(refusal{refusal::kind::invalid, "there is always one edge"});
  if (instances.value_or(0) > 1000)
    return std::unexpected(refusal{refusal::kind::invalid, "a service has at most 1000 instances"});
  desk_.now = now;
  (*s)->scale(desk_, instances);
  settle(now);
  return {};
}

outcome<> keeper::restart(moment now, std::string_view service) {
  const auto s = known(service);
  if (!s) return std::unexpected(s.error());
  desk_.now = now;
  (*s)->restart(desk_);
  settle(now);
  return {};
}

outcome<unsigned> keeper::deploy(moment now, std::string_view service, const image_version& image) {
  const auto s = known(service);
  if (!s) return std::unexpected(s.error());
  desk_.now = now;
  auto version = (*s)->deploy(desk_, image);
  settle(now);
  return version;
}

outcome<unsigned> keeper::rollback(moment now, std::string_view service) {
  const auto s = known(service);
  if (!s) return std::unexpected(s.error());
  desk_.now = now;
  auto version = (*s)->rollback(desk_);
  settle(now);
  return version;
}

outcome<std::vector<deployment>> keeper::deployments(std::string_view service) const {
  const service_keeper* const s = find(service);
  if (s == nullptr)
    return std::unexpected(refusal{refusal::kind::unknown, std::format("there is no service {}", service)});
  std::vector<deployment> all;
  for (const deployment_record& r : s->deployments().all()) all.push_back(r.told);
  return all;
}

void keeper::take_down(moment now) {
  desk_.now = now;
  if (!going_down_) desk_.tell("stopped", "", "", "the galaxy is taken down");
  going_down_ = true;
  settle(now);
}

// ---- what follows

blocker keeper::blocked(const service_keeper& s) const {
  for (const std::string& need : s.declared().needs) {
    const service_keeper* const other = find(need);
    if (other == nullptr || other->is_removed()) return {need, true};
    if (other->state(desk_) != service_state::well) return {need, other->is_hopeless(desk_)};
  }
  return {};
}

void keeper::settle(moment now) {
  desk_.now = now;
  desk_.wake = task::never;
  desk_.wants_traffic = false;
  if (going_down_) go_down();
  // Who is needed is known when those that need it have been asked.
  for (const auto& s : services_) s->set_needed(false);
  for (const auto& s : services_ | std::views::reverse) {
    if (!s->wants_instances(desk_)) continue;
    for (const std::string& need : s->declared().needs)
      if (service_keeper* const other = find(need)) other->set_needed(true);
  }
  // One that is there and out of touch (this daemon was killed a moment ago) still has its requests.
  const bool edge_runs = at_station(desk::edge_station) != nullptr;
  for (const auto& s : services_) s->plan(desk_, blocked(*s), edge_runs);
  std::erase_if(services_, [&](const auto& s) {
    if (!s->is_over() || !s->is_removed()) return false;
    desk_.act(action::forget_service{s->name()});
    desk_.tell("changed", s->name(), "", "it is not declared any more");
    return true;
  });
  answer_questions();
  tell_switch();
  tell_edge();
}

/// The edge first, so that requests are answered by who is still there.
void keeper::go_down() {
  service_keeper* const edge = find(edge_name);
  if (edge != nullptr) edge->take_down(false);
  if (edge == nullptr || edge->is_over())
    for (const auto& s : services_) s->take_down(false);
  if (!finished_ && std::ranges::all_of(services_, [](const auto& s) { return s->is_over(); })) {
    finished_ = true;
    desk_.act(action::finish{});
  }
}

void keeper::answer(std::uint64_t id, std::vector<std::string> addresses, bool failed) {
  desk_.act(action::to_switch{switch_control::answer{id, std::move(addresses), failed}});
}

void keeper::answer_questions() {
  std::erase_if(questions_, [&](const question& q) {
    const service_keeper* const s = find(q.name);
    if (s == nullptr) return answer(q.id, {}), true;
    std::vector<std::string> addresses;
    for (const kept_instance* const i : s->well()) addresses.push_back(address_of(i->record.station));
    if (!addresses.empty()) {
      // Each who asks begins with another one.
      std::ranges::rotate(addresses,
                          addresses.begin() + static_cast<std::ptrdiff_t>(q.id % addresses.size()));
      return answer(q.id, std::move(addresses)), true;
    }
    if (s->is_hopeless(desk_) || desk_.due(q.limit)) return answer(q.id, {}, true), true;
    return false;
  });
}

switch_control::rules keeper::rules() const {
  switch_control::rules all;
  for (const auto& s : services_) {
    if (s->name() != edge_name) all.allowed.push_back({std::string(edge_name), s->name()});
    for (const std::string& other : s->declared().reaches) all.allowed.push_back({s->name(), other});
  }
  return all;
}

void keeper::tell_switch() {
  if (!desk_.switch_is_up) return;
  if (auto now = rules(); !rules_told_ || rules_told_->allowed != now.allowed) {
    desk_.act(action::to_switch{now});
    rules_told_ = std::move(now);
  }
  const edge& front = declared_.front;
  if (published_ && (going_down_ || published_->address != front.address || published_->port != front.port)) {
    desk_.act(action::to_switch{switch_control::unpublish{published_->address, published_->port}});
    published_.reset();
  }
  // It stays when the edge is started again: nobody else shall take the port.
  if (!published_ && !going_down_ && at_station(desk::edge_station) != nullptr && desk_.due(publish_again_)) {
    published_ = switch_control::publish{front.address, front.port, desk::edge_station, 80};
    desk_.act(action::to_switch{*published_});
  }
  if (desk_.wants_traffic && desk_.due(traffic_asked_ + traffic_interval)) {
    traffic_asked_ = desk_.now.steady;
    desk_.act(action::to_switch{switch_control::traffic{}});
    desk_.due(traffic_asked_ + traffic_interval);
  }
}

proxy::edge_table keeper::table() const {
  proxy::edge_table all;
  for (const route& r : declared_.routes) {
    if (find(r.service) != nullptr && !find(r.service)->is_removed())
      all.routes.push_back({r.host, r.path, r.service, r.strip});
  }
  for (const auto& s : services_) {
    if (s->name() == edge_name || s->is_removed()) continue;
    proxy::edge_service e{.name = s->name(),
                          .concurrency = s->declared().concurrency,
                          .state = proxy::service_readiness::asleep,
                          .instances = {}};
    switch (s->state(desk_)) {
      case service_state::asleep: e.state = proxy::service_readiness::asleep; break;
      case service_state::starting:
      case service_state::unwell: e.state = proxy::service_readiness::starting; break;
      case service_state::well: e.state = proxy::service_readiness::well; break;
      case service_state::crash_loop:
      case service_state::stopped: e.state = proxy::service_readiness::failed; break;
    }
    for (const kept_instance* const i : s->well())
      e.instances.push_back(std::format("{}:{}", address_of(i->record.station), s->declared().port));
    all.services.push_back(std::move(e));
  }
  return all;
}

void keeper::tell_edge() {
  if (!edge_is_connected_) return;
  proxy::edge_table now = table();
  std::string line = proxy::to_line(now);
  if (table_told_ == line) return;
  table_told_ = std::move(line);
  desk_.act(action::to_edge{std::move(now)});
}

std::string keeper::edge_address() const {
  return std::format("{}:{}", declared_.front.address, declared_.front.port);
}

std::vector<service_status> keeper::status() const {
  std::vector<service_status> all;
  for (const auto& s : services_) {
    all.push_back(s->status(desk_));
    for (const route& r : declared_.routes)
      if (r.service == s->name()) all.back().paths.push_back(r.host + r.path);
    if (s->name() == edge_name && !publish_failed_.empty()) all.back().why = publish_failed_;
  }
  return all;
}

}  // namespace aster::host::galaxy
