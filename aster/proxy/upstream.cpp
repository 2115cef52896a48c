#include "aster/proxy/upstream.hpp"

#include <algorithm>
#include <utility>

#include "aster/task/deadline.hpp"

namespace aster::proxy {

upstream::upstream(connect_function connect, const upstream_options& options, std::function<void()> on_demand)
    : connect_(std::move(connect)), options_(options), on_demand_(std::move(on_demand)) {}

upstream::~upstream() = default;

void upstream::set_instances(std::span<const net::endpoint> now) {
  for (auto& i : instances_) {
    i->is_leaving = !std::ranges::contains(now, i->where);
    if (i->is_leaving) i->idle.clear();
  }
  std::erase_if(instances_, [](const auto& i) { return i->is_leaving && i->outstanding == 0; });
  for (const net::endpoint& where : now) {
    if (std::ranges::contains(instances_, where, [](const auto& i) { return i->where; })) continue;
    instances_.push_back(std::make_shared<instance>());
    instances_.back()->where = where;
  }
  room_.notify_all();
}

bool upstream::is_draining() const {
  return std::ranges::any_of(instances_, [](const auto& i) { return i->is_leaving && i->outstanding > 0; });
}

/// The one with the fewest requests of those that may have another. Null: none may.
std::shared_ptr<upstream::instance> upstream::pick(const net::endpoint* except) {
  std::shared_ptr<instance> best;
  const task::time_point now = task::now();
  const auto load = [&](const instance& i) {
    // One that has failed somebody just now comes last.
    return std::pair{except != nullptr && i.where == *except, i.outstanding};
  };
  for (const auto& i : instances_) {
    if (i->is_leaving || i->outstanding >= options_.concurrency || i->rests_until > now || i->is_tried)
      continue;
    if (!best || load(*i) < load(*best)) best = i;
  }
  return best;
}

/// When an instance that is left alone may be tried again.
task::time_point upstream::next_try() const {
  task::time_point first = task::never;
  for (const auto& i : instances_)
    if (!i->is_leaving && !i->is_tried && i->rests_until > task::now())
      first = std::min(first, i->rests_until);
  return first;
}

std::expected<upstream::place, unavailable> upstream::take(const net::endpoint* except) {
  const task::time_point deadline = task::after(task::now(), options_.patience);
  for (;;) {
    if (auto found = pick(except)) {
      ++found->outstanding;
      ++outstanding_;
      found->is_tried = found->failures >= options_.failures;
      return place{*this, std::move(found)};
    }
    if (task::now() >= deadline) return std::unexpected(unavailable::late);
    if (waiting_ >= options_.most_waiting) return std::unexpected(unavailable::overloaded);
    struct waiter {
      std::size_t& count;
      explicit waiter(std::size_t& c) : count(c) { ++count; }
      ~waiter() { --count; }
    } one{waiting_};
    if (on_demand_) on_demand_();
    static_cast<void>(room_.wait_until(std::min(deadline, next_try())));
  }
}

upstream::place::~place() {
  if (upstream_ == nullptr) return;
  --instance_->outstanding;
  --upstream_->outstanding_;
  instance_->is_tried = false;
  if (instance_->is_leaving && instance_->outstanding == 0) std::erase(upstream_->instances_, instance_);
  upstream_->room_.notify_one();
}

/// Connections that were unused for long: the server is about to close them, or has.
void upstream::drop_old(instance& of) {
  std::erase_if(of.idle, [&](const auto& l) { return task::now() - l->idle_since >= options_.idle; });
}

std::expected<std::unique_ptr<upstream::link>, net::error> upstream::place::connect(bool fresh) {
  upstream_->drop_old(*instance_);
  if (!fresh && !instance_->idle.empty()) {
    auto held = std::move(instance_->idle.back());  // the one that was used last is the likeliest to be alive
    instance_->idle.pop_back();
    return held;
  }
  auto stream =
      task::within(upstream_->options_.connecting, [&] { return upstream_->connect_(instance_->where); });
  if (!stream) return std::unexpected(net::error::timed_out);
  if (!*stream) return std::unexpected(stream->error());
  return std::make_unique<link>(std::move(**stream), upstream_->options_.limits);
}

void upstream::place::succeeded(std::unique_ptr<link> used) {
  instance_->failures = 0;
  instance_->rests_until = {};
  instance_->is_tried = false;
  if (!used || !used->http.is_reusable() || instance_->is_leaving) return;
  if (instance_->idle.size() >= upstream_->options_.idle_connections) return;
  used->is_used = true;
  used->idle_since = task::now();
  used->http.release_memory();
  instance_->idle.push_back(std::move(used));
}

void upstream::place::failed() {
  const upstream_options& o = upstream_->options_;
  instance_->idle.clear();  // of the same age, most likely
  if (++instance_->failures < o.failures) return;
  const unsigned times = std::min(instance_->failures - o.failures, 16u);
  instance_->rests_until = task::after(task::now(), std::min(o.pause * (1 << times), o.most_pause));
}

}  // namespace aster::proxy
