// What the keepers of all services share while they decide: the time, chance, numbers to give away, and the
// list of what is to be done.
#pragma once
#include <algorithm>
#include <cstdint>
#include <format>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "aster/task/clock.hpp"
#include "host/galaxy/action.hpp"

namespace aster::host::galaxy {

/// Now, on both clocks.
struct moment {
  task::time_point steady;
  std::int64_t wall = 0;  // milliseconds since 1970
};

class desk {
 public:
  /// `seed` for what is only spread by chance; `make_token` for what nobody may guess.
  desk(std::uint64_t seed, std::function<std::string()> make_token)
      : make_token(std::move(make_token)), random_(seed) {}

  moment now;
  std::vector<any_action> actions;
  bool switch_is_up = false;
  bool wants_traffic = false;  // somebody has to know how long its stations were idle
  std::function<std::string()> make_token;

  template <class Action>
  void act(Action what) {
    actions.emplace_back(std::move(what));
  }
  void tell(std::string kind, std::string service, std::string instance, std::string text) {
    act(action::tell{std::move(kind), std::move(service), std::move(instance), std::move(text)});
  }

  /// Whether `at` has come; if not, the keeper wants to be called again then.
  bool due(task::time_point at) {
    if (now.steady >= at) return true;
    wake = std::min(wake, at);
    return false;
  }
  task::time_point wake = task::never;

  std::uint64_t random() noexcept {  // splitmix64
    std::uint64_t z = random_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t take_probe() noexcept { return ++last_probe_; }

  /// A station that nobody has; one that was given back comes again last, so that what was meant for who had
  /// it before does not reach the next. 0: all are taken.
  std::uint32_t take_station() {
    if (taken_.size() >= most_stations - first_station) return 0;
    do {
      last_station_ = last_station_ == most_stations ? first_station : last_station_ + 1;
    } while (taken_.contains(last_station_));
    taken_.insert(last_station_);
    return last_station_;
  }
  void keep_station(std::uint32_t number) {
    taken_.insert(number);
    if (number > last_station_ && number <= most_stations) last_station_ = number;
  }
  void give_back(std::uint32_t number) { taken_.erase(number); }

  static constexpr std::uint32_t edge_station = 2;
  static constexpr std::uint32_t first_station = 3, most_stations = 65'000;

 private:
  std::uint64_t random_;
  std::uint64_t last_probe_ = 0;
  std::uint32_t last_station_ = edge_station;
  std::set<std::uint32_t> taken_;
};

/// "10.77.0.7"
inline std::string address_of(std::uint32_t station) {
  return std::format("10.77.{}.{}", station >> 8, station & 0xff);
}

}  // namespace aster::host::galaxy
