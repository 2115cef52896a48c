// What running images tell about themselves, for a person, as JSON and for Prometheus.
//
// An image's answer names what it tells (aster/net/report.hpp), and hardly any name is known here: an image
// with more counters shows more.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/run/instances.hpp"

namespace aster::host::cli {

/// What one instance has told at one time.
struct statistics {
  running_instance instance;
  std::vector<answer_line> stats;
  std::optional<std::vector<answer_line>> sockets;  // if they were asked about
  std::optional<std::vector<answer_line>> fibers;

  /// All counters by their names.
  std::map<std::string, std::uint64_t> counters() const;
};

/// An earlier look, to tell rates by.
struct earlier {
  std::map<std::string, std::uint64_t> counters;
  std::chrono::duration<double> ago;
};

/// For a person: who it is, where it is, memory, and the counters that are not zero, or all.
std::string overview(const statistics& s, bool all, const std::optional<earlier>& before = {});

/// As `ss -ti` would: a line for each socket.
std::string socket_table(std::span<const answer_line> sockets);

/// A line for each fiber, with what it waits for.
std::string fiber_table(std::span<const answer_line> fibers);

/// Everything, with numbers as numbers.
nlohmann::ordered_json to_json(const statistics& s);

/// The text format 0.0.4 of Prometheus, each sample labelled with the instance and its pid.
std::string to_prometheus(std::span<const statistics> all);

}  // namespace aster::host::cli
