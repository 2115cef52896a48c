#include "aster/task/hog.hpp"

#include "aster/task/message.hpp"
#include "aster/task/scheduler.hpp"

namespace aster::task {
namespace {

constexpr duration report_period = std::chrono::seconds{1};

}  // namespace

void scheduler::set_hog_limit(duration limit) noexcept {
  hog_limit_ = limit;
  // How many ticks a nanosecond has is not known before the first suspicion; it is hardly less than one.
  hog_ticks_ = limit > duration::zero() ? static_cast<std::uint64_t>(limit.count()) : 0;
}

void scheduler::report_hog(std::uint64_t ticks) noexcept {
  if (running_ == sweeper_) return;
  const time_point now = driver_.now();
  const auto since_sweep = static_cast<double>((now - swept_at_).count());
  const auto ticks_since_sweep = static_cast<double>(ticks - swept_at_ticks_);
  if (since_sweep <= 0 || ticks_since_sweep <= 0) return;
  const double ticks_per_nanosecond = ticks_since_sweep / since_sweep;
  hog_ticks_ =
      static_cast<std::uint64_t>(static_cast<double>(hog_limit_.count()) * ticks_per_nanosecond * 0.99) + 1;
  const duration held{
      static_cast<std::int64_t>(static_cast<double>(ticks - slice_start_) / ticks_per_nanosecond)};
  fiber& f = *running_;
  if (held < hog_limit_ || alive_ < 2) return;
  if (f.last_reported != time_point::min() && now - f.last_reported < report_period) return;
  f.last_reported = now;
  driver_.note((message{} << "fiber '" << f.name << "' held the CPU for "
                          << static_cast<std::uint64_t>(held / std::chrono::milliseconds{1}) << " ms")
                   .view());
}

void scheduler::hog_tick(duration period) noexcept {
  if (hog_limit_ <= duration::zero() || running_ == sweeper_ || alive_ < 2 ||
      total_switches_ != ticked_switches_) {
    ticked_switches_ = total_switches_;
    ticked_for_ = duration::zero();
    return;
  }
  const bool reported = ticked_for_ >= hog_limit_;
  ticked_for_ += period;
  if (reported || ticked_for_ < hog_limit_) return;
  driver_.note((message{} << "fiber '" << running_->name << "' has held the CPU for "
                          << static_cast<std::uint64_t>(ticked_for_ / std::chrono::milliseconds{1})
                          << " ms and goes on")
                   .view());
}

void set_hog_limit(duration limit) noexcept { scheduler::current().set_hog_limit(limit); }

duration hog_limit() noexcept { return scheduler::current().hog_limit(); }

void hog_tick(duration period) noexcept {
  if (scheduler* const s = scheduler::existing()) s->hog_tick(period);
}

}  // namespace aster::task
