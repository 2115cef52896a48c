#include "host/galaxy/service_keeper.hpp"

#include <ranges>

#include "host/galaxy/backoff.hpp"

namespace aster::host::galaxy {

namespace {

bool fit(const kept_instance& i) { return i.fit(); }
bool runs(const kept_instance& i) { return i.runs; }
bool is_well(const kept_instance& i) { return i.is(instance_state::well); }
bool is_starting(const kept_instance& i) { return i.is(instance_state::starting); }
bool waits(const kept_instance& i) { return i.is(instance_state::ended); }

}  // namespace

service_keeper::service_keeper(service declared, bool is_edge)
    : how_(std::move(declared)), is_edge_(is_edge), rollout_(how_.name) {}

bool service_keeper::current(const kept_instance& i) const {
  return i.record.version == rollout_.target() && i.record.generation == generation_;
}

unsigned service_keeper::limit() const {
  return is_edge_ ? 1 : std::max({how_.most, scale_.value_or(0), 1u});
}

// ---- what happens

void service_keeper::started(desk& d, kept_instance& i, process_identity process) {
  i.record.process = process;
  d.tell("started", name(), i.record.name,
         std::format("version {} at {}, process {}", i.record.version, address_of(i.record.station),
                     process.pid));
}

void service_keeper::ended(desk& d, std::string_view instance, int code, std::string_view why) {
  const auto found = std::ranges::find(instances_, instance, [](const auto& i) { return i.record.name; });
  if (found == instances_.end() || !found->runs) return;
  const bool planned = found->told_to_end || down_ || found->is(instance_state::stopping);
  const bool counted = found->is(instance_state::unwell);  // … when it was found to be
  const kept_instance before = *found;
  found->gone(d);
  d.tell(planned || counted || code == 0 ? "ended" : "crashed", name(), before.record.name, std::string(why));
  if (planned || counted) {
    instances_.erase(found);
  } else {
    found->record.state = instance_state::ended;
    fell(d, *found, std::string(why), code);
  }
}

void service_keeper::fell(desk& d, kept_instance& i, const std::string& why, int code) {
  why_ = std::format("{}: {}", i.record.name, why);
  if (rollout_.rolling() && i.record.version == rollout_.target()) return give_up_deployment(d, why_);
  using enum restart_policy::condition;
  const bool wanted_again = how_.restart.when == always || (how_.restart.when == on_failure && code != 0);
  if (!wanted_again && code == 0 && how_.fewest == 0 && !scale_) {
    automatic_ = 0;  // it has done what it was woken for
  } else if (!wanted_again) {
    stopped_ = why_ + "; its restart policy leaves it at that";
    d.tell("stopped", name(), "", stopped_);
  } else {
    const auto wait = backoff(how_.restart, ++failures_, d.random());
    not_before_ = d.now.steady + wait;
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
    if (in_crash_loop()) {
      automatic_ = 0;
      d.tell("crash_loop", name(), "",
             std::format("{} failures in a row, the last: {}; the next start is in {} ms at the soonest",
                         failures_, why_, milliseconds));
    } else {
      d.tell("restarting", name(), i.record.name, std::format("in {} ms", milliseconds));
    }
  }
  remember(d);
}

void service_keeper::loaded(desk& d, const proxy::service_load& load) {
  if (load.requests != requests_ || load.waiting + load.outstanding != 0) busy_ = d.now.steady;
  waiting_ = load.waiting;
  outstanding_ = load.outstanding;
  requests_ = load.requests;
  failed_ = load.failed;
  for (kept_instance& i : instances_) {
    if (!i.runs) continue;
    const std::string at = std::format("{}:{}", address_of(i.record.station), how_.port);
    const auto found = std::ranges::find(load.instances, at, &proxy::instance_load::at);
    i.loaded(d, found == load.instances.end() ? 0 : found->outstanding);
  }
}

void service_keeper::edge_gone() {
  waiting_ = outstanding_ = requests_ = failed_ = 0;
  for (kept_instance& i : instances_) i.outstanding = 0;
}

void service_keeper::idle(desk& d, std::uint32_t station, task::duration time) {
  for (const kept_instance& i : instances_) {
    if (!i.runs || i.record.station != station) continue;
    if (i.fit()) busy_ = std::max(busy_, d.now.steady - time);
    traffic_known_ = d.now.steady;
  }
}

void service_keeper::asked(desk& d) {
  busy_ = d.now.steady;
  if (!is_hopeless(d)) automatic_ = std::max(automatic_, 1u);
}

// ---- what follows

void service_keeper::plan(desk& d, const blocker& by, bool edge_is_up) {
  blocked_ = by;
  decide(d);
  look_at_instances(d, edge_is_up);
  roll(d);
  start_missing(d);
  end_superfluous(d);
  announce(d);
}

void service_keeper::decide(desk& d) {
  if (down_) {
    wanted_ = 0;
  } else if (scale_) {
    wanted_ = *scale_;
  } else {
    scale_by_load(d);
    sleep_when_idle(d);
    wanted_ = std::clamp(std::max(automatic_, how_.fewest), how_.fewest, how_.most);
  }
}

void service_keeper::scale_by_load(desk& d) {
  if (!stopped_.empty() || (in_crash_loop() && !d.due(not_before_))) {
    automatic_ = 0;
    return;
  }
  if (load() > 0 || needed_ || rollout_.rolling()) {
    busy_ = d.now.steady;
    automatic_ = std::max(automatic_, 1u);
  }
  automatic_ = std::min(automatic_, how_.most);
  const unsigned now = std::max(automatic_, how_.fewest);
  const auto for_load = [&](std::uint64_t requests) {
    const std::uint64_t needed = (requests + how_.concurrency - 1) / how_.concurrency;
    return static_cast<unsigned>(std::min<std::uint64_t>(needed, how_.most));
  };

  // Out: only when all there should be are well, and the load has outlasted what a burst takes. So a burst
  // that wakes a service starts one instance.
  const unsigned more = for_load(load());
  if (more <= now || count(is_well) < now) {
    more_since_.reset();
  } else {
    if (!more_since_) more_since_ = d.now.steady;
    if (d.due(*more_since_ + patience::burst)) {
      automatic_ = std::min(more, 2 * now);
      d.tell("scaled", name(), "", std::format("out to {}: {} requests at once", automatic_, load()));
      more_since_.reset();
    }
  }

  // Back: only when fewer would have done for as long as one has to be idle, with some to spare.
  const unsigned less = std::max({for_load(load() * 10 / 7), how_.fewest, 1u});
  if (less >= automatic_) {
    less_since_.reset();
  } else {
    if (!less_since_) {
      less_since_ = d.now.steady;
      less_ = less;
    }
    less_ = std::max(less_, less);
    if (d.due(*less_since_ + how_.idle)) {
      automatic_ = less_;
      d.tell("scaled", name(), "", std::format("back to {}", automatic_));
      less_since_.reset();
    }
  }
}

void service_keeper::sleep_when_idle(desk& d) {
  if (automatic_ == 0 || how_.fewest > 0 || load() > 0 || needed_ || rollout_.rolling()) return;
  if (count(is_well) == 0 && count(fit) > 0) return;  // it was woken and has had no time to be used
  if (count(fit) == 0 && failures_ > 0 && !d.due(not_before_)) return;
  if (!d.due(busy_ + how_.idle)) return;
  if (count(fit) > 0 && traffic_known_ < busy_ + how_.idle) {
    d.wants_traffic = true;  // other services may use it, of which the edge does not know
    return;
  }
  automatic_ = 0;
}

void service_keeper::look_at_instances(desk& d, bool edge_is_up) {
  for (kept_instance& i : instances_) {
    switch (i.look(d, how_, edge_is_up)) {
      case kept_instance::verdict::none: break;
      case kept_instance::verdict::became_well:
        busy_ = d.now.steady;
        d.tell("well", name(), i.record.name,
               std::format("after {} ms", std::max<std::int64_t>(0, i.took_to_be_well(d))));
        break;
      case kept_instance::verdict::failed:
        d.tell("unwell", name(), i.record.name, i.why());
        i.stop(d, instance_state::unwell, patience::stop_unwell);
        fell(d, i, i.why(), 1);
        break;
      case kept_instance::verdict::lost_network:
        d.tell("unwell", name(), i.record.name, i.why());
        i.told_to_end = true;
        i.stop(d, instance_state::unwell, patience::stop_unwell);
        break;
      case kept_instance::verdict::drained: i.stop(d, instance_state::stopping, patience::stop); break;
    }
    if (failures_ > 0 && is_well(i) && d.due(i.since() + patience::stable)) {
      failures_ = 0;
      why_.clear();
      remember(d);
    }
  }
}

void service_keeper::start_missing(desk& d) {
  if (down_ || !stopped_.empty() || rollout_.target() == 0) return;
  const auto is_current = [&](const kept_instance& i) { return i.fit() && current(i); };
  for (kept_instance& i : instances_) {
    // Wanted again before it has ended.
    if (i.is(instance_state::draining) && current(i) && count(is_current) < wanted_ && !is_edge_)
      i.undrain(d);
  }
  const bool replacing = count(fit) > count(is_current);
  const std::size_t most = is_edge_ ? 1 : replacing ? wanted_ + 1 : limit();
  while (count(is_current) < wanted_ && count(runs) < most) {
    // One that is tried tells whether more would be of use.
    if ((replacing || failures_ > 0) && count(is_starting) > 0) return;
    if (!d.switch_is_up || !blocked_.service.empty() || !d.due(not_before_)) return;
    if (!start_one(d)) return;
  }
}

bool service_keeper::start_one(desk& d) {
  const std::uint32_t station = is_edge_ ? desk::edge_station : d.take_station();
  if (station == 0) return false;
  auto slot = std::ranges::find_if(instances_, waits);
  if (slot == instances_.end()) {
    unsigned number = 1;
    while (std::ranges::contains(instances_, number, [](const auto& i) { return i.record.number; })) ++number;
    instance_record r;
    r.name = std::format("{}-{}", name(), number);
    r.service = name();
    r.number = number;
    slot = instances_.emplace(instances_.end(), std::move(r));
  }
  slot->record.station = station;
  slot->record.version = rollout_.target();
  slot->record.generation = generation_;
  slot->record.restarts = failures_;
  slot->start(d, how_, rollout_.file_of(slot->record.version));
  return true;
}

void service_keeper::end_superfluous(desk& d) {
  const auto is_current = [&](const kept_instance& i) { return i.fit() && current(i); };
  for (kept_instance& i : instances_) {
    if (!i.fit() || current(i)) continue;
    // An older one goes when there is one more that is well than has to be.
    const bool superfluous = i.is(instance_state::well) ? count(is_well) > wanted_ : count(is_current) > 0;
    if (is_edge_ || superfluous || wanted_ == 0) end(d, i);
  }
  while (count(is_current) > wanted_) {
    kept_instance* least = nullptr;
    const auto rank = [](const kept_instance& i) {
      return std::tuple{!is_starting(i), i.outstanding, ~i.record.number};
    };
    for (kept_instance& i : instances_)
      if (is_current(i) && (least == nullptr || rank(i) < rank(*least))) least = &i;
    end(d, *least);
  }
  // Places that nobody is going to take.
  while (count(waits) > 0 && (count(fit) + count(waits) > wanted_ || !stopped_.empty()))
    instances_.erase(std::ranges::find_if(instances_, waits));
}

void service_keeper::end(desk& d, kept_instance& i) {
  if (is_edge_ || i.is(instance_state::starting)) {
    i.told_to_end = true;
    i.stop(d, instance_state::stopping, patience::stop);
  } else {
    i.drain(d);
    d.tell("draining", name(), i.record.name, "");
  }
}

void service_keeper::announce(desk& d) {
  if (how_.fewest > 0 || scale_ || down_) {
    was_asleep_ = false;
    return;
  }
  const bool sleeps = wanted_ == 0 && instances_.empty();
  if (was_asleep_ && wanted_ > 0) {
    was_asleep_ = false;
    d.tell("woken", name(), "",
           load() > 0 ? "by a request"
           : needed_  ? "by a service that needs it"
                      : "by its name");
  } else if (!was_asleep_ && sleeps) {
    was_asleep_ = true;
    d.tell("asleep", name(), "", "");
  }
}

}  // namespace aster::host::galaxy
