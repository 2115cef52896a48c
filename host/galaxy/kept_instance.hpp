// One instance as its keeper sees it: a process, its place in the network, and how well it is.
#pragma once
#include <cstdint>
#include <string>

#include "host/galaxy/desk.hpp"

namespace aster::host::galaxy {

/// How long an instance may take.
namespace patience {
using namespace std::chrono_literals;
inline constexpr auto first_well = 10s;  // until it is well; longer where its health check is slow
inline constexpr auto drain = 30s;       // … it has answered what it had begun
inline constexpr auto stop = 12s;        // … it has ended after being asked: `aster run` itself gives it 10
inline constexpr auto stop_unwell = 1s;  // … the same of one that does not answer
inline constexpr auto without_network = 500ms;  // between unplugging and ending
inline constexpr auto probe_again = 20ms;
inline constexpr auto probe_lost = 5s;  // beyond its timeout: then the switch will not answer any more
inline constexpr auto settle = 50ms;    // the edge's word is about the table before this one
inline constexpr auto burst = 500ms;    // a load that lasts longer is none
inline constexpr auto stable = 10s;     // well for so long: it is no failing instance any more
}  // namespace patience

class kept_instance {
 public:
  explicit kept_instance(instance_record r) : record(std::move(r)) {}

  instance_record record;
  bool runs = false;         // it was ordered to start, and its end is not known
  bool told_to_end = false;  // … by us: its end is no failure
  std::uint64_t outstanding = 0;

  bool is(instance_state s) const { return record.state == s; }
  /// It takes requests, or will.
  bool fit() const { return is(instance_state::starting) || is(instance_state::well); }

  /// Writes the new state down.
  void become(desk& d, instance_state s);
  /// Orders a place for it, and the process.
  void start(desk& d, const service& how, const std::string& file);
  /// What it was before the daemon ended.
  void resume(desk& d);
  /// Lets it finish what it has.
  void drain(desk& d);
  /// It is wanted again.
  void undrain(desk& d);
  void stop(desk& d, instance_state meanwhile, task::duration grace);
  /// Gives back its place and its row.
  void gone(desk& d);

  /// How many of its requests the edge has.
  void loaded(desk& d, std::uint64_t requests);
  void attached(desk& d);
  void detached(desk& d);
  /// The switch does not know it.
  void unplug(desk& d) { unplugged_ = std::min(unplugged_, d.now.steady); }
  /// The number of the probe under way, or 0.
  std::uint64_t probe() const { return probe_; }
  void probed(desk& d, const service& how, bool is_well, std::string why);

  enum class verdict : std::uint8_t {
    none,
    became_well,
    failed,        // unwell, or never well: `why`
    lost_network,  // unplugged, and still there
    drained,
  };
  /// What has become of it by now; asks for the next probe. `edge_is_up`: somebody tells what it has to do.
  verdict look(desk& d, const service& how, bool edge_is_up);

  const std::string& why() const { return why_; }
  /// Since when it is in its state.
  task::time_point since() const { return since_; }
  /// Milliseconds, of one that has just become well.
  std::int64_t took_to_be_well(const desk& d) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(d.now.steady - began_).count();
  }

 private:
  void ask(desk& d, const service& how, task::duration timeout, bool until_well);

  task::time_point began_{};  // to run, or to be ours
  task::time_point since_{};  // of its state
  task::time_point limit_ = task::never;
  bool edge_may_use_it_ = true;  // while it drains
  bool plugged_ = false;
  task::time_point unplugged_ = task::never;  // when
  task::time_point next_probe_{};
  std::uint64_t probe_ = 0;  // under way
  task::time_point probe_lost_ = task::never;
  bool answered_well_ = false;
  unsigned failures_ = 0;
  std::string why_;
};

}  // namespace aster::host::galaxy
