#include "aster/task/introspection.hpp"

#include "aster/task/scheduler.hpp"

namespace aster::task {

std::vector<fiber_info> fibers() { return scheduler::current().list(); }

std::string_view current_name() noexcept { return scheduler::current().running_name(); }

}  // namespace aster::task
