// A machine, a switch and an edge for a keeper under test, in virtual time: it does what the keeper orders,
// as far as images can do that, and tells it what comes of it.
#pragma once
#include <doctest/doctest.h>

#include <charconv>
#include <deque>
#include <format>
#include <functional>
#include <map>
#include <set>

#include "host/galaxy/keeper.hpp"

namespace aster::host::galaxy::test {

using namespace std::chrono_literals;

/// What an image does when it is started.
struct behaviour {
  task::duration boots = 10ms;  // until it is well
  bool never_well = false;
  std::optional<task::duration> ends{};  // by itself, after
  int code = 1;
  task::duration answers = 5ms;  // a request
  bool deaf = false;             // does not end when asked
};

class world {
 public:
  explicit world(declaration what, std::uint64_t seed = 1) : declared(std::move(what)), random_(seed) {
    for (const service& s : declared.services) image[s.name] = {s.name + ".1", s.name + ".1"};
    image["edge"] = {"edge.1", "edge.1"};
    begin();
  }

  // ---- to be set by tests
  declaration declared;
  std::map<std::string, image_version> image;   // by service
  std::map<std::string, behaviour> behaviours;  // by the image's file
  std::map<std::string, std::string> settings;  // by service: what else its identity is made of
  bool store_is_full = false;

  // ---- what is there
  struct process {
    std::string service, file;
    std::uint32_t station = 0;
    std::int64_t pid = 0;
    bool attached = false, well = false, frozen = false, deaf = false;
    task::duration answers{};
    std::uint64_t outstanding = 0;
    bool asked_to_stop = false;
    unsigned life = 0;
  };
  std::map<std::string, process> processes;
  std::map<std::string, found_instance> unseen;  // ended while no daemon was there
  std::map<std::string, instance_record> instances;
  std::map<std::string, service_record> services;
  std::map<std::pair<std::string, unsigned>, deployment_record> deployments;
  std::vector<action::tell> events;
  std::map<std::string, unsigned> starts;  // by service
  std::map<std::uint32_t, switch_control::station> stations;
  std::optional<switch_control::publish> published;
  std::map<std::uint64_t, switch_control::answer> answers;
  std::map<std::uint64_t, task::time_point> questions;  // open
  bool finished = false;
  std::uint64_t done = 0, refused = 0, broken = 0;  // requests
  std::map<std::string, std::uint64_t> waiting;

  std::unique_ptr<keeper> k;
  task::time_point now{};

  moment time() const { return {now, now.time_since_epoch() / 1ms}; }

  // ---- what tests do

  void run(task::duration d) {
    const task::time_point until = now + d;
    for (;;) {
      perform();
      const task::time_point next =
          std::min(k ? k->next() : task::never, events_.empty() ? task::never : events_.begin()->first);
      if (next > until) break;
      now = std::max(now, next);
      if (!events_.empty() && events_.begin()->first <= now) {
        const auto what = events_.extract(events_.begin());
        what.mapped()();
      } else {
        k->look(time());
      }
      REQUIRE(++steps_ < 5'000'000);
    }
    now = until;
    if (k) k->look(time());
    perform();
  }

  void later(task::duration d, std::function<void()> what) { events_.emplace(now + d, std::move(what)); }

  /// The daemon ends; nothing else does.
  void kill_daemon() {
    k.reset();
    ++connection_;
    questions.clear();
    edge_connected_ = false;
  }
  void start_daemon() { begin(); }

  void restart_switch() {
    for (auto& [name, p] : processes) p.attached = false;
    stations.clear();
    published.reset();
    questions.clear();
    ++connection_;
    if (!k) return;
    k->switch_gone(time());
    if (edge_connected_) k->edge_disconnected(time());
    edge_connected_ = false;
    connect_switch();
  }

  void kill_instance(const std::string& name, int code = 137) { end(name, code); }

  std::string some_instance(const std::string& service) const {
    for (const auto& [name, p] : processes)
      if (p.service == service) return name;
    return {};
  }
  std::size_t running(const std::string& service) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(processes, [&](const auto& p) { return p.second.service == service; }));
  }
  service_status status(const std::string& service) const {
    for (const service_status& s : k->status())
      if (s.name == service) return s;
    FAIL("no such service");
    return {};
  }
  std::size_t told(std::string_view kind, std::string_view service = {}) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        events, [&](const auto& e) { return e.kind == kind && (service.empty() || e.service == service); }));
  }

  void request(const std::string& service, unsigned count = 1) {
    for (unsigned i = 0; i < count; ++i) give(service);
    tell_demand();
  }
  /// Asked by an instance of `from`.
  std::uint64_t ask(const std::string& from, const std::string& name) {
    std::uint32_t station = 0;
    for (const auto& [n, p] : processes)
      if (p.service == from) station = p.station;
    const std::uint64_t id = ++last_question_;
    questions[id] = now;
    say(switch_control::question{id, station, name});
    return id;
  }
  void traffic(const std::string& service) { used_[service] = now; }
  void declare() { k->declare(time(), declared, images()); }

  void perform() {
    while (k) {
      auto actions = k->take_actions();
      if (actions.empty()) return;
      for (any_action& a : actions) {
        if (die_after_ && *die_after_ == 0) {
          die_after_.reset();
          kill_daemon();
          return;
        }
        if (die_after_) --*die_after_;
        std::visit([this](auto& what) { act(what); }, a);
        check(a);
        if (!k) return;
      }
    }
  }
  /// The daemon is killed when it has done so many more actions.
  void die_after(unsigned actions) { die_after_ = actions; }

  std::uint64_t random() {
    std::uint64_t z = random_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  unsigned chance(unsigned n) { return static_cast<unsigned>(random() % n); }

 private:
  std::map<std::string, declared_image> images() const {
    std::map<std::string, declared_image> all;
    for (const auto& [name, i] : image) {
      const auto more = settings.find(name);
      all[name] = {i, i.file + (more == settings.end() ? "" : more->second)};
    }
    return all;
  }

  void begin() {
    k = std::make_unique<keeper>(keeper::settings{.name = "test", .seed = random(), .make_token = [this] {
                                                    return std::format("token{}", ++last_token_);
                                                  }});
    remembered store;
    for (const auto& [name, r] : services) store.services.push_back(r);
    for (const auto& [name, r] : instances) store.instances.push_back(r);
    for (const auto& [key, r] : deployments) store.deployments.push_back(r);
    std::vector<found_instance> found;
    for (const instance_record& r : store.instances) {
      if (r.process.pid == 0) continue;
      const auto there = processes.find(r.name);
      if (there != processes.end() && there->second.pid == r.process.pid)
        found.push_back({r.name, true, 0, ""});
      else if (unseen.contains(r.name))
        found.push_back(unseen.at(r.name));
      else
        found.push_back({r.name, false, 137, "killed"});
    }
    unseen.clear();
    backoff_.clear();
    k->begin(time(), store, found);
    k->declare(time(), declared, images());
    later(1ms, [this, c = connection_] {
      if (k && c == connection_) connect_switch();
    });
  }

  void connect_switch() {
    switch_control::state s;
    for (const auto& [number, st] : stations) {
      const bool attached = std::ranges::any_of(
          processes, [&](const auto& p) { return p.second.station == number && p.second.attached; });
      s.stations.push_back({number, st.service, attached});
    }
    if (published) s.published.push_back(*published);
    say(s);
    connect_edge();
  }

  /// The edge's link goes through the switch.
  void connect_edge() {
    const auto edge = std::ranges::find(processes, "edge", [](const auto& p) { return p.second.service; });
    if (!k || edge_connected_ || edge == processes.end() || !edge->second.attached || !edge->second.well)
      return;
    REQUIRE(k->is_edge(stations.at(edge->second.station).token));
    edge_connected_ = true;
    k->edge_connected(time());
    tell_demand();
    sign_of_life(connection_);
  }
  void sign_of_life(unsigned connection) {
    later(1s, [this, connection] {
      if (!k || connection != connection_ || !edge_connected_) return;
      tell_demand();
      sign_of_life(connection);
    });
  }

  void say(switch_control::event e) {
    if (k) k->switch_said(time(), e);
  }

  // ---- the edge

  void give(const std::string& service) {
    ++requests_[service];
    if (running("edge") == 0) {
      ++broken;
      return;
    }
    const auto s = std::ranges::find(table_.services, service, &proxy::edge_service::name);
    if (s == table_.services.end()) {
      ++refused;
      return;
    }
    if (s->state == proxy::service_readiness::failed) {
      ++refused;
    } else if (!assign(*s)) {
      ++waiting[service];
    }
  }
  bool assign(const proxy::edge_service& s) {
    process* best = nullptr;
    std::string name;
    for (auto& [n, p] : processes) {
      if (!std::ranges::contains(s.instances, address_of(p.station) + ":80")) continue;
      if (p.outstanding >= s.concurrency || !p.attached) continue;
      if (best == nullptr || p.outstanding < best->outstanding) best = &p, name = n;
    }
    if (best == nullptr) return false;
    ++best->outstanding;
    later(best->answers, [this, name, pid = best->pid, service = s.name] {
      const auto p = processes.find(name);
      if (p == processes.end() || p->second.pid != pid) return;  // broken, counted when it ended
      --p->second.outstanding;
      ++done;
      move_on(service);
      tell_demand();
    });
    return true;
  }
  void move_on(const std::string& service) {
    const auto s = std::ranges::find(table_.services, service, &proxy::edge_service::name);
    auto& queue = waiting[service];
    if (s == table_.services.end() || s->state == proxy::service_readiness::failed) {
      refused += queue;
      queue = 0;
      return;
    }
    while (queue > 0 && assign(*s)) --queue;
  }
  void tell_demand() {
    if (!k || !edge_connected_ || demand_pending_) return;
    demand_pending_ = true;
    later(1ms, [this] {
      demand_pending_ = false;
      if (!k || !edge_connected_) return;
      proxy::edge_demand d;
      for (const proxy::edge_service& s : table_.services) {
        proxy::service_load l{.service = s.name,
                              .waiting = waiting[s.name],
                              .outstanding = 0,
                              .requests = requests_[s.name],
                              .failed = 0,
                              .instances = {}};
        for (const auto& [n, p] : processes) {
          if (p.service != s.name) continue;
          l.outstanding += p.outstanding;
          l.instances.push_back({address_of(p.station) + ":80", p.outstanding});
        }
        d.demand.push_back(std::move(l));
      }
      k->edge_said(time(), d);
    });
  }

  // ---- actions

  void act(action::remember_service& a) { services[a.record.name] = a.record; }
  void act(action::forget_service& a) {
    services.erase(a.name);
    std::erase_if(deployments, [&](const auto& d) { return d.first.first == a.name; });
  }
  void act(action::remember_deployment& a) {
    deployments[{a.record.service, a.record.told.version}] = a.record;
  }
  void act(action::remember_instance& a) {
    if (!store_is_full) instances[a.record.name] = a.record;
  }
  void act(action::forget_instance& a) { instances.erase(a.name); }

  void act(action::start& a) {
    if (!instances.contains(a.instance)) {
      k->start_failed(time(), a.instance, "state.db: the disk is full");
      return;
    }
    REQUIRE_MESSAGE(!processes.contains(a.instance), "started twice: ", a.instance);
    const std::string service = instances.at(a.instance).service;
    const service_record& s = services.at(service);
    // Counted with those that still end.
    std::size_t most = s.scale.value_or(0);
    for (const auto& d : declared.services)
      if (d.name == service) most = std::max<std::size_t>(most, d.most);
    if (service == "edge") most = 0;
    REQUIRE_MESSAGE(running(service) < most + 1, "too many of ", service);
    const auto wait = backoff_.find(service);
    REQUIRE_MESSAGE((wait == backoff_.end() || now >= wait->second),
                    "started while it should wait: ", service);
    ++starts[service];
    const behaviour b = behaviours[a.file];
    process& p = processes[a.instance];
    p = {.service = service, .file = a.file, .station = instances.at(a.instance).station, .pid = ++last_pid_};
    p.deaf = b.deaf;
    p.answers = b.answers;
    instances.at(a.instance).process = {p.pid, 1};
    k->started(time(), a.instance, {p.pid, 1});
    const std::string name = a.instance;
    const std::int64_t pid = p.pid;
    const auto still = [this, name, pid] {
      return processes.contains(name) && processes.at(name).pid == pid;
    };
    later(2ms, [this, still, name] {
      if (!still()) return;
      process& q = processes.at(name);
      if (!stations.contains(q.station)) return end(name, 125);
      q.attached = true;
      say(switch_control::attached{q.station});
    });
    if (!b.never_well) {
      later(b.boots, [this, still, name] {
        if (!still()) return;
        processes.at(name).well = true;
        answer_probes();
        connect_edge();
      });
    }
    if (b.ends) {
      later(*b.ends, [this, still, name, code = b.code] {
        if (still()) end(name, code);
      });
    }
  }
  void act(action::stop& a) {
    const auto p = processes.find(a.instance);
    if (p == processes.end() || p->second.asked_to_stop) return;
    p->second.asked_to_stop = true;
    if (p->second.deaf || p->second.frozen) return;
    finish(a.instance, p->second.pid);
  }
  /// Ends when its requests are answered.
  void finish(const std::string& name, std::int64_t pid) {
    later(1ms, [this, name, pid] {
      const auto p = processes.find(name);
      if (p == processes.end() || p->second.pid != pid) return;
      if (p->second.outstanding > 0 && p->second.attached) return finish(name, pid);
      end(name, 0);
    });
  }
  void act(action::kill& a) { end(a.instance, 137); }
  void act(action::to_edge& a) {
    if (running("edge") == 0) return;
    table_ = a.table;
    for (const proxy::edge_service& s : table_.services) move_on(s.name);
    tell_demand();
  }
  void act(action::tell& a) {
    events.push_back(a);
    const auto at = a.text.find(" ms");
    const auto in = a.text.rfind("in ", at);
    if ((a.kind == "restarting" || a.kind == "crash_loop") && at != a.text.npos && in != a.text.npos) {
      unsigned wait = 0;
      std::from_chars(a.text.data() + in + 3, a.text.data() + at, wait);
      backoff_[a.service] = now + std::chrono::milliseconds(wait) - 1ms;  // it is rounded up
    } else if (a.kind == "scaled" || a.kind == "restarting" || a.kind == "deploying" ||
               a.kind == "rolled_back") {
      backoff_.erase(a.service);
    }
  }
  void act(action::finish&) {
    CHECK(processes.empty());
    finished = true;
  }
  void act(action::to_switch& a) {
    std::visit([this](const auto& order) { ordered(order); }, a.order);
  }

  void ordered(const switch_control::station& s) { stations[s.station] = s; }
  void ordered(const switch_control::remove& r) {
    stations.erase(r.station);
    if (published && published->station == r.station) published.reset();
  }
  void ordered(const switch_control::rules&) {}
  void ordered(const switch_control::publish& p) { published = p; }
  void ordered(const switch_control::unpublish&) { published.reset(); }
  void ordered(const switch_control::answer& a) {
    answers[a.id] = a;
    questions.erase(a.id);
    // Whoever is named is there.
    for (const std::string& address : a.addresses) {
      CHECK(std::ranges::any_of(instances,
                                [&](const auto& i) { return address_of(i.second.station) == address; }));
    }
  }
  void ordered(const switch_control::probe& p) {
    probes_.push_back({p, now + std::chrono::milliseconds(p.timeout_ms), connection_});
    answer_probes();
    later(std::chrono::milliseconds(p.timeout_ms), [this] { answer_probes(); });
  }
  void ordered(const switch_control::traffic&) {
    later(1ms, [this, c = connection_] {
      if (!k || c != connection_) return;
      switch_control::traffic_report r;
      for (const auto& [name, p] : processes) {
        const auto used = used_.find(p.service);
        const auto idle = used == used_.end() ? 1h : now - used->second;
        r.stations.push_back({.station = p.station, .idle_ms = static_cast<std::uint64_t>(idle / 1ms)});
      }
      say(r);
    });
  }
  void ordered(const switch_control::end&) {}

  struct open_probe {
    switch_control::probe what;
    task::time_point until;
    unsigned connection;
  };
  void answer_probes() {
    std::vector<switch_control::probed> said;
    std::erase_if(probes_, [&](const open_probe& p) {
      if (p.connection != connection_) return true;
      const bool well = std::ranges::any_of(processes, [&](const auto& q) {
        return q.second.station == p.what.station && q.second.attached && q.second.well && !q.second.frozen;
      });
      if (!well && now < p.until) return false;
      said.push_back({p.what.id, well, well ? 200 : 0, well ? "" : "no answer"});
      return true;
    });
    for (const auto& s : said)
      later(0ms, [this, s, c = connection_] {
        if (c == connection_) say(s);
      });
  }

  void end(const std::string& name, int code) {
    const auto p = processes.find(name);
    if (p == processes.end()) return;
    const process was = p->second;
    processes.erase(p);
    broken += was.outstanding;
    const std::string why = std::format("exit code {}", code);
    if (was.attached && k) say(switch_control::detached{was.station});
    if (was.service == "edge") {
      for (auto& [service, count] : waiting) broken += std::exchange(count, 0);
      for (auto& [service, count] : requests_) count = 0;
      table_ = {};
      if (edge_connected_ && k) k->edge_disconnected(time());
      edge_connected_ = false;
      for (auto& [n, q] : processes) {
        broken += q.outstanding;
        q.outstanding = 0;
      }
    }
    if (k)
      k->ended(time(), name, code, why);
    else
      unseen[name] = {name, false, code, why};
  }

  /// What holds after each action, whatever has happened before.
  void check(const any_action&) {
    for (const auto& [name, p] : processes) {
      const auto row = instances.find(name);
      REQUIRE_MESSAGE(row != instances.end(), "no row of ", name);
      REQUIRE(row->second.process.pid == p.pid);
    }
    for (const auto& [id, at] : questions) REQUIRE_MESSAGE(now - at <= 10s, "a question was not answered");
  }

  std::multimap<task::time_point, std::function<void()>> events_;
  std::uint64_t random_;
  std::uint64_t steps_ = 0;
  unsigned last_token_ = 0;
  std::int64_t last_pid_ = 100;
  unsigned connection_ = 0;
  std::uint64_t last_question_ = 0;
  std::vector<open_probe> probes_;
  std::map<std::string, task::time_point> used_, backoff_;
  std::optional<unsigned> die_after_;

  bool edge_connected_ = false, demand_pending_ = false;
  proxy::edge_table table_;
  std::map<std::string, std::uint64_t> requests_;
};

/// A service that sleeps, with an instance at most.
inline service sleeper(std::string name) {
  service s;
  s.name = std::move(name);
  s.image = s.name;
  return s;
}

inline declaration galaxy_of(std::vector<service> services) {
  declaration d;
  d.name = "test";
  for (const service& s : services) d.routes.push_back({"", "/" + s.name, s.name, false});
  d.services = std::move(services);
  return d;
}

}  // namespace aster::host::galaxy::test
