// What a galaxy's daemon must know again after it was killed: the rows of its store, and what its keeper
// begins with.
//
// They are written before what they tell of is done. So there is never an instance without a row; a row whose
// instance is not there (any more) is what was begun and not done, or has ended unseen.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/galaxy/galaxy.hpp"

namespace aster::host::galaxy {

/// A process, and no other one that was given its number later.
struct process_identity {
  std::int64_t pid = 0;    // 0: it was never started
  std::uint64_t born = 0;  // clock ticks since the machine's start (proc(5): stat, field 22)
  bool operator==(const process_identity&) const = default;
};

struct instance_record {
  std::string name;  // "shortener-1"
  std::string service;
  unsigned number = 0;
  std::uint32_t station = 0;
  std::string token;  // by which it plugs in; of the edge also the one it says hello with
  unsigned version = 0;
  unsigned generation = 0;   // counts up by each restart by hand
  process_identity process;  // of its `aster run`
  std::int64_t started = 0;  // seconds since 1970
  instance_state state = instance_state::starting;
  unsigned restarts = 0;
  bool operator==(const instance_record&) const = default;
};

struct service_record {
  std::string name;
  std::optional<unsigned> scale;  // what the operator wants
  unsigned generation = 0;
  unsigned failures = 0;  // in a row
  std::string declared;   // names what galaxy.toml said last: image and settings that an instance starts with
  std::string stopped;    // why it is not started any more; empty: it is
  bool operator==(const service_record&) const = default;
};

struct deployment_record {
  std::string service;
  deployment told;
  std::string file;  // the image as it was then
};

/// All of it.
struct remembered {
  std::vector<service_record> services;
  std::vector<instance_record> instances;
  std::vector<deployment_record> deployments;  // by version
};

}  // namespace aster::host::galaxy
