// What the keeper of a galaxy wants done, in this order. Records come before what they tell of.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "aster/proxy/edge_message.hpp"
#include "host/galaxy/declaration.hpp"
#include "host/galaxy/record.hpp"
#include "host/switch/control_message.hpp"

namespace aster::host::galaxy::action {

struct remember_service {
  service_record record;
};
struct forget_service {  // and its deployments
  std::string name;
};
struct remember_deployment {
  deployment_record record;
};
/// When it cannot be written, the instance must not be started; then tell the keeper `start_failed`.
struct remember_instance {
  instance_record record;
};
struct forget_instance {
  std::string name;
};

/// Start `aster run`; tell the keeper `started` or `start_failed`.
struct start {
  std::string instance;
  std::string file;  // the image
  service how;       // target, memory, share, arguments, environment, secrets
  std::string address;
  std::string token;
};
/// SIGTERM.
struct stop {
  std::string instance;
};
/// SIGKILL.
struct kill {
  std::string instance;
};

struct to_switch {
  switch_control::order order;
};
/// The whole table, in place of the one before.
struct to_edge {
  proxy::edge_table table;
};

/// An event for people; galaxy.hpp lists the kinds.
struct tell {
  std::string kind;
  std::string service;
  std::string instance;
  std::string text;
};

/// All has ended, as `down` wanted.
struct finish {};

}  // namespace aster::host::galaxy::action

namespace aster::host::galaxy {

using any_action =
    std::variant<action::remember_service, action::forget_service, action::remember_deployment,
                 action::remember_instance, action::forget_instance, action::start, action::stop,
                 action::kill, action::to_switch, action::to_edge, action::tell, action::finish>;

}  // namespace aster::host::galaxy
