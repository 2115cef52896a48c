// What a running instance counts, asked over the socket of its `aster run` (host/run/instance.hpp) by a
// fiber.
#pragma once
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "host/galaxy/galaxy.hpp"

namespace aster::host::galaxy {

/// By kind ("counters", "memory", "interface eth0"), each by name. Texts are left out.
using instance_counters = std::map<std::string, std::map<std::string, std::uint64_t>>;

/// Parks, at most five seconds. `galaxy`: its name, which stands in front of the instance's.
outcome<instance_counters> ask_counters(std::string_view galaxy, const instance_status& instance);

}  // namespace aster::host::galaxy
