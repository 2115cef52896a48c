// What fibers of one thread share besides their scheduler. Private to this room.
#pragma once
#include "aster/task/stack_pool.hpp"

namespace aster::task {

/// The thread's stacks: used by its scheduler and by simulations in it.
stack_pool& stacks_of_this_thread();

}  // namespace aster::task
