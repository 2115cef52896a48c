#include "host/galaxy/kept_instance.hpp"

namespace aster::host::galaxy {

using namespace std::chrono_literals;

void kept_instance::become(desk& d, instance_state s) {
  record.state = s;
  since_ = d.now.steady;
  d.act(action::remember_instance{record});
}

void kept_instance::start(desk& d, const service& how, const std::string& file) {
  runs = true;
  began_ = d.now.steady;
  limit_ =
      d.now.steady + std::max<task::duration>(patience::first_well,
                                              how.health.failures * (how.health.every + how.health.timeout));
  record.token = d.make_token();
  record.started = d.now.wall / 1000;
  become(d, instance_state::starting);
  const std::string address = address_of(record.station);
  d.act(action::to_switch{switch_control::station{.station = record.station,
                                                  .service = record.service,
                                                  .address = address,
                                                  .world = how.reaches_world,
                                                  .token = record.token}});
  d.act(action::start{record.name, file, how, address, record.token});
}

void kept_instance::resume(desk& d) {
  runs = true;
  began_ = since_ = d.now.steady;
  switch (record.state) {
    case instance_state::starting: limit_ = d.now.steady + patience::first_well; break;
    case instance_state::well: break;
    case instance_state::draining:
      limit_ = d.now.steady + patience::drain;
      told_to_end = true;
      break;
    case instance_state::unwell:
    case instance_state::stopping:
    case instance_state::ended: stop(d, record.state, patience::stop); break;
  }
}

void kept_instance::drain(desk& d) {
  limit_ = d.now.steady + patience::drain;
  told_to_end = true;
  edge_may_use_it_ = true;
  become(d, instance_state::draining);
}

void kept_instance::undrain(desk& d) {
  limit_ = task::never;
  told_to_end = false;
  become(d, instance_state::well);
}

void kept_instance::loaded(desk& d, std::uint64_t requests) {
  // What the edge said before it has read that this one gets no more requests does not count.
  if (is(instance_state::draining) && d.now.steady < since_ + patience::settle) return;
  outstanding = requests;
  edge_may_use_it_ = requests > 0;
}

void kept_instance::stop(desk& d, instance_state meanwhile, task::duration grace) {
  limit_ = d.now.steady + grace;
  if (!is(meanwhile)) become(d, meanwhile);
  d.act(action::stop{record.name});
}

void kept_instance::gone(desk& d) {
  runs = false;
  plugged_ = false;
  unplugged_ = task::never;
  probe_ = 0;
  next_probe_ = {};
  answered_well_ = false;
  failures_ = 0;
  told_to_end = false;
  outstanding = 0;
  d.act(action::forget_instance{record.name});
  // The edge's place stays, and what is published through it.
  if (record.station != desk::edge_station) {
    if (d.switch_is_up) d.act(action::to_switch{switch_control::remove{record.station}});
    d.give_back(record.station);
  }
  record.station = 0;
  record.process = {};
}

void kept_instance::attached(desk&) {
  plugged_ = true;
  unplugged_ = task::never;
}

void kept_instance::detached(desk& d) {
  if (!plugged_) return;
  plugged_ = false;
  unplugged_ = d.now.steady;
}

void kept_instance::ask(desk& d, const service& how, task::duration timeout, bool until_well) {
  probe_ = d.take_probe();
  probe_lost_ = d.now.steady + timeout + patience::probe_lost;
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(timeout);
  d.act(action::to_switch{switch_control::probe{
      .id = probe_,
      .station = record.station,
      .port = how.port,
      .path = how.health.by == health_check::kind::http ? std::optional(how.health.path) : std::nullopt,
      .timeout_ms = static_cast<std::uint32_t>(whole.count()),
      .until_well = until_well}});
}

void kept_instance::probed(desk& d, const service& how, bool is_well, std::string why) {
  probe_ = 0;
  answered_well_ = is_well;
  if (is_well) {
    failures_ = 0;
    why_.clear();
  } else {
    ++failures_;
    why_ = std::move(why);
  }
  next_probe_ = d.now.steady +
                (is(instance_state::starting) ? task::duration(patience::probe_again) : how.health.every);
}

kept_instance::verdict kept_instance::look(desk& d, const service& how, bool edge_is_up) {
  if (!runs) return verdict::none;
  if (fit() && unplugged_ != task::never && d.due(unplugged_ + patience::without_network)) {
    why_ = "it lost its network";
    return verdict::lost_network;
  }
  switch (record.state) {
    case instance_state::starting: {
      const bool no_questions = how.health.by == health_check::kind::started;
      if (no_questions ? plugged_ : answered_well_) {
        become(d, instance_state::well);
        next_probe_ = d.now.steady + how.health.every;
        return verdict::became_well;
      }
      if (d.due(limit_)) {
        if (why_.empty()) why_ = "it did not become well in time";
        return verdict::failed;
      }
      if (no_questions || !d.switch_is_up) return verdict::none;
      if (probe_ != 0 && d.due(probe_lost_)) probe_ = 0;
      if (probe_ == 0 && d.due(next_probe_)) ask(d, how, limit_ - d.now.steady, true);
      return verdict::none;
    }
    case instance_state::well:
      if (how.health.by == health_check::kind::started) return verdict::none;
      if (failures_ >= how.health.failures) return verdict::failed;
      if (!d.switch_is_up) return verdict::none;
      if (probe_ != 0 && d.due(probe_lost_)) probe_ = 0;
      if (probe_ == 0 && d.due(next_probe_)) ask(d, how, how.health.timeout, false);
      return verdict::none;
    case instance_state::draining:
      if (!edge_is_up || d.due(limit_)) return verdict::drained;
      return edge_may_use_it_ ? verdict::none : verdict::drained;
    case instance_state::unwell:
    case instance_state::stopping:
      if (d.due(limit_)) {
        d.act(action::kill{record.name});
        limit_ = d.now.steady + 5s;
        d.due(limit_);
      }
      return verdict::none;
    case instance_state::ended: return verdict::none;
  }
  return verdict::none;
}

}  // namespace aster::host::galaxy
