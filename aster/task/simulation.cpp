#include "aster/task/simulation.hpp"

#include <memory>

#include "aster/task/scheduler.hpp"
#include "aster/task/thread.hpp"

namespace aster::task {

// splitmix64 (Steele, Lea and Flood, 2014).
std::uint64_t simulation::random() noexcept {
  std::uint64_t z = random_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void simulation::virtual_world::wait(time_point deadline) noexcept {
  if (deadline != never && deadline > time) time = deadline;
}

void simulation::virtual_world::note(std::string_view line) noexcept { notes.emplace_back(line); }

simulation::session::session(simulation& s)
    : inner_{new scheduler{s.world_, stacks_of_this_thread(), "root", true}} {
  if (s.order_ == order::shuffled) inner_->shuffle(s.random_);
  outer_ = scheduler::exchange_current(inner_);
}

simulation::session::~session() {
  if (inner_->alive() > 1) inner_->give_up(inner_->left_behind().view());
  scheduler::exchange_current(outer_);
  delete inner_;
}

}  // namespace aster::task
