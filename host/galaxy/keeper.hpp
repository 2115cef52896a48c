// Keeps a galaxy as its declaration wants it. It touches nothing itself: what happens is told to it, with the
// time, and what has to be done comes out as a list.
//
//   keeper k{{.name = "sample", .seed = 1, .make_token = random_token}};
//   k.begin(now, store.read(), alive);
//   k.declare(now, declared, images);
//   for (const any_action& a : k.take_actions()) perform(a);        // in this order; records first
//   …
//   k.ended(now, "shortener-1", 1, "exit code 1");
//
// After each call, `take_actions` has what follows from it; at `next` it wants to be called (`look`) even
// when nothing has happened. Killed between any two actions, a new keeper that begins with what was
// remembered goes on where this one was.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/galaxy/service_keeper.hpp"

namespace aster::host::galaxy {

/// The image of a service, and a name for it and all that an instance starts with.
struct declared_image {
  image_version image;
  std::string identity;
};

/// What became of an instance that the store remembers.
struct found_instance {
  std::string name;
  bool runs = false;
  int code = 0;     // it has ended with, …
  std::string why;  // … for people
};

class keeper {
 public:
  struct settings {
    std::string name;                         // of the galaxy
    std::uint64_t seed = 1;                   // spreads what is spread by chance
    std::function<std::string()> make_token;  // that nobody can guess
  };
  explicit keeper(settings s);

  // ---- what it is to keep

  /// Once, first. Instances that are not in `found` were never started.
  void begin(moment now, const remembered& store, std::span<const found_instance> found);
  /// The declaration, at first and when it has changed. `images`: of each service by its name, and of "edge".
  void declare(moment now, const declaration& what, const std::map<std::string, declared_image>& images);

  // ---- what happens

  void look(moment now);
  void started(moment now, std::string_view instance, process_identity process);
  /// It could not be started, or not be written down.
  void start_failed(moment now, std::string_view instance, std::string_view why);
  void ended(moment now, std::string_view instance, int code, std::string_view why);
  void switch_said(moment now, const switch_control::event& what);
  void switch_gone(moment now);
  /// Somebody says hello as the edge: whether it is.
  bool is_edge(std::string_view token) const;
  void edge_connected(moment now);
  void edge_said(moment now, const proxy::edge_demand& demand);
  void edge_disconnected(moment now);

  // ---- what the operator wants

  outcome<> scale(moment now, std::string_view service, std::optional<unsigned> instances);
  outcome<> restart(moment now, std::string_view service);
  outcome<unsigned> deploy(moment now, std::string_view service, const image_version& image);
  outcome<unsigned> rollback(moment now, std::string_view service);
  outcome<std::vector<deployment>> deployments(std::string_view service) const;
  void take_down(moment now);

  // ---- what follows

  std::vector<any_action> take_actions() { return std::exchange(desk_.actions, {}); }
  task::time_point next() const { return desk_.wake; }
  std::vector<service_status> status() const;
  std::string edge_address() const;  // "127.0.0.1:8080"
  const std::vector<std::unique_ptr<service_keeper>>& services() const { return services_; }
  bool goes_down() const { return going_down_; }

 private:
  struct question {
    std::uint64_t id = 0;
    std::string name;
    task::time_point limit;
  };

  service_keeper* find(std::string_view service) const;
  outcome<service_keeper*> known(std::string_view service) const;
  /// The service whose instance it is, or null.
  service_keeper* owner(std::string_view instance, kept_instance** which = nullptr) const;
  kept_instance* at_station(std::uint32_t station, service_keeper** whose = nullptr) const;

  void settle(moment now);
  blocker blocked(const service_keeper& s) const;
  void go_down();
  void answer_questions();
  void tell_switch();
  void tell_edge();
  proxy::edge_table table() const;
  switch_control::rules rules() const;

  void on(const switch_control::state& s);
  void on(const switch_control::attached& s);
  void on(const switch_control::detached& s);
  void on(const switch_control::question& q);
  void on(const switch_control::probed& p);
  void on(const switch_control::traffic_report& t);
  void on(const switch_control::done& d);
  void on(const switch_control::failed& f);
  void answer(std::uint64_t id, std::vector<std::string> addresses, bool failed = false);

  desk desk_;
  std::string name_;
  declaration declared_;
  std::vector<std::unique_ptr<service_keeper>> services_;  // the edge first, then in the order of starting
  remembered left_;                                        // of services that were not declared yet
  std::vector<found_instance> found_;
  std::vector<question> questions_;
  bool edge_is_connected_ = false;
  bool going_down_ = false, finished_ = false;

  std::optional<switch_control::rules> rules_told_;
  std::optional<switch_control::publish> published_;  // ordered and not refused
  task::time_point publish_again_{};
  std::string publish_failed_;
  std::optional<std::string> table_told_;
  task::time_point traffic_asked_ = task::time_point::min();
};

}  // namespace aster::host::galaxy
