// One service: how many instances it is to have, and what is done so that it has them.
//
// After everything that happens, `plan` compares what is with what is to be: it looks at each instance, lets
// a deployment go on by a step, starts what is missing and drains what is too much. So what happened while
// the daemon was not there needs no rules of its own.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/galaxy/kept_instance.hpp"
#include "host/galaxy/rollout.hpp"

namespace aster::host::galaxy {

/// What a service needs and is not well; without a name: nothing.
struct blocker {
  std::string service;
  bool hopeless = false;  // it will not be soon
};

class service_keeper {
 public:
  /// `is_edge`: it has the one station that the switch publishes; so there is one instance, and a new one
  /// only when the old one has ended.
  service_keeper(service declared, bool is_edge);

  const std::string& name() const { return how_.name; }
  const service& declared() const { return how_; }

  // ---- what it is to be

  void restore(desk& d, const service_record& record, std::vector<deployment_record> deployments);
  /// An instance that was found running.
  void adopt(desk& d, const instance_record& record);
  /// As galaxy.toml has it. `identity` names the image and all that an instance starts with: when it is
  /// another than the last time, that is a new deployment.
  void declare(desk& d, service how, const image_version& image, const std::string& identity);
  void scale(desk& d, std::optional<unsigned> instances);
  void restart(desk& d);
  outcome<unsigned> deploy(desk& d, const image_version& image);
  outcome<unsigned> rollback(desk& d);
  /// No instance any more. `for_good`: it is not declared any more.
  void take_down(bool for_good);

  // ---- what happens

  void started(desk& d, kept_instance& i, process_identity process);
  /// `why`: how it ended, for people. References to instances do not outlive this.
  void ended(desk& d, std::string_view instance, int code, std::string_view why);
  void loaded(desk& d, const proxy::service_load& load);
  void edge_gone();
  /// The time since the station was used last.
  void idle(desk& d, std::uint32_t station, task::duration time);
  /// Somebody asked for its name.
  void asked(desk& d);

  // ---- what follows

  /// Another service needs it. Holds until the next call.
  void set_needed(bool needed) { needed_ = needed; }
  void plan(desk& d, const blocker& by, bool edge_is_up);

  /// Whether instances are wanted, or will be by what `plan` is going to see.
  bool wants_instances(const desk& d) const;
  service_state state(const desk& d) const;
  bool is_over() const { return down_ && instances_.empty(); }
  bool is_removed() const { return removed_; }
  /// Why it is not well.
  std::string why(const desk& d) const;
  /// No use waiting for it: it is in a crash loop, or is not started.
  bool is_hopeless(const desk& d) const;
  /// What takes requests now.
  std::vector<const kept_instance*> well() const;

  service_status status(const desk& d) const;
  service_record record() const;
  const rollout& deployments() const { return rollout_; }
  std::vector<kept_instance>& instances() { return instances_; }
  const std::vector<kept_instance>& instances() const { return instances_; }

 private:
  std::size_t count(auto which) const {
    return static_cast<std::size_t>(std::ranges::count_if(instances_, which));
  }
  void decide(desk& d);
  void look_at_instances(desk& d, bool edge_is_up);
  void roll(desk& d);
  void start_missing(desk& d);
  bool start_one(desk& d);
  void end_superfluous(desk& d);

  void scale_by_load(desk& d);
  void sleep_when_idle(desk& d);
  bool current(const kept_instance& i) const;
  bool in_crash_loop() const { return failures_ >= crash_loop_from; }
  unsigned limit() const;
  std::uint64_t load() const { return waiting_ + outstanding_; }
  void fell(desk& d, kept_instance& i, const std::string& why, int code);
  void begin_deployment(desk& d, const image_version& image);
  void give_up_deployment(desk& d, const std::string& why);
  void end(desk& d, kept_instance& i);
  void announce(desk& d);
  void remember(desk& d) const;

  static constexpr unsigned crash_loop_from = 3;  // failures in a row

  service how_;
  bool is_edge_;
  std::string identity_;
  rollout rollout_;
  std::vector<kept_instance> instances_;

  // What is wanted.
  std::optional<unsigned> scale_;
  unsigned automatic_ = 0;  // by load
  unsigned wanted_ = 0;
  unsigned generation_ = 0;
  bool needed_ = false, down_ = false, removed_ = false;
  std::string stopped_;
  blocker blocked_;

  // What it failed at.
  unsigned failures_ = 0;
  task::time_point not_before_{};
  std::string why_;

  // What it is used for.
  std::uint64_t waiting_ = 0, outstanding_ = 0, requests_ = 0, failed_ = 0;
  task::time_point busy_ = task::time_point::min();  // when it was used last
  task::time_point traffic_known_ = task::time_point::min();
  std::optional<task::time_point> more_since_;  // it would have done better with more
  std::optional<task::time_point> less_since_;  // it would have done with fewer instances, …
  unsigned less_ = 0;                           // … with as many at most
  bool was_asleep_ = true;
};

}  // namespace aster::host::galaxy
