#include "aster/task/deadline.hpp"

#include "aster/task/scheduler.hpp"

namespace aster::task {

deadline_region::deadline_region(time_point deadline) : scheduler_{&scheduler::current()} {
  if (deadline == never) return;
  if (deadline <= scheduler_->world().now()) {
    request();
    return;
  }
  alarm_.deadline = deadline;
  alarm_.region = this;
  alarm_.fire = [](timer& t) noexcept { static_cast<alarm_clock&>(t).region->request(); };
  scheduler_->arm(alarm_);
}

deadline_region::~deadline_region() {
  if (alarm_.armed()) scheduler_->disarm(alarm_);
}

}  // namespace aster::task
