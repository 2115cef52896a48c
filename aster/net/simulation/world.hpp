// Two hosts and a wire as a plan describes them, run in virtual time until every stream has ended and all
// that it left behind has gone.
//
//   world w{make_plan(seed), seed};
//   w.run();
//   for (const std::string& what : w.complaints()) …        // empty: all went well
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aster/net/simulation/plan.hpp"
#include "aster/net/simulation/talker.hpp"

namespace aster::net::simulation {

class world {
 public:
  world(const plan& p, std::uint64_t seed);

  void run();

  /// What must not be, one sentence each.
  const std::vector<std::string>& complaints() const { return complaints_; }
  std::size_t completed() const { return completed_; }  // ends of streams
  std::size_t failed() const { return failed_; }        // … that ended early, as they may

  /// A line for each segment on the wire goes to `line`.
  void trace(std::function<void(const std::string&)> line);
  /// What became of each stream, and the counters of both hosts.
  std::string account() const;

 private:
  struct host {
    engine_options options;
    abi::net_device* device;
    std::optional<engine> machine;  // nothing: it is switched off
    tcp::acceptor* acceptor = nullptr;
    std::uint64_t starts = 0;
  };
  struct stream {
    std::unique_ptr<talker> client, server;
    bool opened = false;
  };

  void start(host& h);
  void stop(host& h, std::unique_ptr<talker> stream::* end);
  void happen(plan::happening what);
  void receive(host& h);
  void open_streams();
  void accept_streams();
  bool step_talkers();
  bool is_over() const;
  time_point next_time() const;
  void drain();
  void judge(std::size_t index, const talker* t, bool is_client);
  void complain(std::string what) { complaints_.push_back(std::move(what)); }

  plan plan_;
  std::uint64_t seed_;
  virtual_link link_;
  host left_, right_;
  std::vector<stream> streams_;
  std::map<std::uint16_t, std::size_t> by_port_;  // the client's
  std::size_t happened_ = 0;                      // events of the plan that lie behind
  time_point now_{};
  std::vector<std::string> complaints_;
  std::size_t completed_ = 0, failed_ = 0;
};

}  // namespace aster::net::simulation
