#include "aster/proxy/upstream.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "aster/task/deadline.hpp"

namespace aster::proxy {

upstream::upstream(connect_function connect, const upstream_options& options, std::function<void()> on_demand)
    : connect_(std::move(connect)), options_(options), on_demand_(std::move(on_demand)) {}

upstream::~upstream() = default;

void upstream::set_instances(std::span<const net::endpoint> now) {
  for (auto& i : instances_) {
    const bool was_leaving = std::exchange(i->is_leaving, !std::ranges::contains(now, i->where));
    if (i->is_leaving) i->idle.clear();
    if (was_leaving && !i->is_leaving) {  // another one at the same address, or the same after all
      i->failures = 0;
      i->rests_until = {};
      i->is_tried = false;
    }
  }
  std::erase_if(instances_, [](const auto& i) { return i->is_leaving && i->outstanding == 0; });
  for (const net::endpoint& where : now) {
    if (std::ranges::contains(instances_, where, [](const auto& i) { return i->where; })) continue;
    instances_.push_back(std::make_shared<instance>());
    instances_.back()->where = where;
  }
  room_.notify_all();
}

bool upstream::is_draining(const net::endpoint& where) const {
  return std::ranges::any_of(
      instances_, [&](const auto& i) { return i->where == where && i->is_leaving && i->outstanding > 0; });
}

void upstream::break_off(const net::endpoint& where) {
  for (const auto& i : instances_) {
    if (i->where != where) continue;
    i->idle.clear();
    for (place* p : i->places)
      if (p->stream_ != nullptr) p->stream_->abort();
  }
}

bool upstream::is_draining() const {
  return std::ranges::any_of(instances_, [](const auto& i) { return i->is_leaving && i->outstanding > 0; });
}

/// The one with the fewest requests of those that may have another. Null: none may.
std::shared_ptr<upstream::instance> upstream::pick(const net::endpoint* except) {
  std::shared_ptr<instance> best;
  std::optional<task::time_point> now;  // looked at for an instance that rests, and for no other
  const auto rests = [&now](const instance& i) {
    if (i.rests_until == task::time_point{}) return false;
    if (!now) now = task::now();
    return i.rests_until > *now;
  };
  const auto load = [&](const instance& i) {
    // One that has failed somebody just now comes last.
    return std::pair{except != nullptr && i.where == *except, i.outstanding};
  };
  for (const auto& i : instances_) {
    if (i->is_leaving || i->outstanding >= options_.concurrency || i->is_tried || rests(*i)) continue;
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

void upstream::refuse(bool on) {
  refuses_ = on;
  if (on) room_.notify_all();
}

void upstream::set_concurrency(std::size_t most) {
  options_.concurrency = most;
  room_.notify_all();
}

upstream::place upstream::occupy(std::shared_ptr<instance> at) {
  ++at->outstanding;
  ++outstanding_;
  at->is_tried = at->failures >= options_.failures;
  return place{*this, std::move(at)};
}

std::expected<upstream::place, unavailable> upstream::take(const net::endpoint* except) {
  if (waiting_ == 0) {  // whoever waits already goes first
    if (auto found = pick(except)) return occupy(std::move(found));
  }
  if (refuses_) return std::unexpected(unavailable::refused);
  if (waiting_ >= options_.most_waiting) return std::unexpected(unavailable::overloaded);
  const task::time_point deadline = task::after(task::now(), options_.patience);
  struct waiter {
    upstream& at;
    bool is_served = false;
    explicit waiter(upstream& u) : at(u) { ++at.waiting_; }
    ~waiter() {
      --at.waiting_;
      if (!is_served) at.room_.notify_one();  // this may have been the one that was told of room
    }
  } one{*this};
  for (;;) {
    if (on_demand_) on_demand_();
    static_cast<void>(room_.wait_until(std::min(deadline, next_try())));
    if (auto found = pick(except)) {
      one.is_served = true;
      return occupy(std::move(found));
    }
    if (refuses_) return std::unexpected(unavailable::refused);
    if (task::now() >= deadline) return std::unexpected(unavailable::late);
  }
}

upstream::place::place(upstream& of, std::shared_ptr<instance> at)
    : upstream_(&of), instance_(std::move(at)) {
  instance_->places.push_back(this);
}

upstream::place::place(place&& other) noexcept
    : upstream_(std::exchange(other.upstream_, nullptr)),
      instance_(std::move(other.instance_)),
      stream_(std::exchange(other.stream_, nullptr)) {
  if (instance_) std::ranges::replace(instance_->places, &other, this);
}

upstream::place::~place() {
  if (upstream_ == nullptr) return;
  std::erase(instance_->places, this);
  --instance_->outstanding;
  --upstream_->outstanding_;
  const bool was_tried = std::exchange(instance_->is_tried, false);
  if (instance_->is_leaving && instance_->outstanding == 0) std::erase(upstream_->instances_, instance_);
  if (was_tried)
    upstream_->room_.notify_all();  // it held all of the instance's places back
  else
    upstream_->room_.notify_one();
}

/// Connections that were unused for long: the server is about to close them, or has.
void upstream::drop_old(instance& of) {
  if (of.idle.empty()) return;
  const task::time_point now = task::now();
  const auto young =
      std::ranges::find_if(of.idle, [&](const auto& l) { return now - l->idle_since < options_.idle; });
  of.idle.erase(of.idle.begin(), young);  // they lie in the order in which they became so
}

void upstream::close_idle() {
  for (const auto& i : instances_) drop_old(*i);
}

std::expected<std::unique_ptr<upstream::link>, net::error> upstream::place::connect(bool fresh) {
  stream_ = nullptr;
  upstream_->drop_old(*instance_);
  if (!fresh && !instance_->idle.empty()) {
    auto held = std::move(instance_->idle.back());  // the one that was used last is the likeliest to be alive
    instance_->idle.pop_back();
    stream_ = held->stream.get();
    return held;
  }
  auto stream =
      task::within(upstream_->options_.connecting, [&] { return upstream_->connect_(instance_->where); });
  if (!stream) return std::unexpected(net::error::timed_out);
  if (!*stream) return std::unexpected(stream->error());
  stream_ = stream->value().get();
  return std::make_unique<link>(std::move(**stream), upstream_->options_.limits);
}

void upstream::place::succeeded(std::unique_ptr<link> used) {
  stream_ = nullptr;
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
  stream_ = nullptr;
  instance_->idle.clear();  // of the same age, most likely
  if (++instance_->failures >= upstream_->options_.failures) upstream_->rest(*instance_);
}

void upstream::place::unreachable() {
  stream_ = nullptr;
  instance_->idle.clear();
  instance_->failures = std::max(instance_->failures + 1, upstream_->options_.failures);
  upstream_->rest(*instance_);
}

/// Leaves the instance alone for a while.
void upstream::rest(instance& of) {
  const unsigned times = std::min(of.failures - options_.failures, 16u);
  of.rests_until = task::after(task::now(), std::min(options_.pause * (1 << times), options_.most_pause));
}

}  // namespace aster::proxy
