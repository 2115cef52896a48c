// The galaxy as Prometheus reads it (text format 0.0.4). grafana.json beside this file draws it.
#pragma once
#include <string>

#include "host/galaxy/galaxy.hpp"

namespace aster::host::galaxy {

inline constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

std::string metrics(const galaxy_status& now);

}  // namespace aster::host::galaxy
