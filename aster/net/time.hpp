// Time as the machines of the stack see it: a value that comes in with every event. They never ask a
// clock, so a test can make a day pass in a millisecond. It is the time line of aster/task.
#pragma once
#include "aster/task/clock.hpp"

namespace aster::net {
using task::duration;
using task::never;
using task::time_point;
}  // namespace aster::net
