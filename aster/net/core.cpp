#include "aster/net/core.hpp"

#include "abi/platform.hpp"
#include "aster/task/cancellation.hpp"

namespace aster::net {

siphash_key fresh_entropy() {
  siphash_key key;
  abi::current_platform().fill_entropy(key.data(), sizeof key);
  return key;
}

stack_core::stack_core(abi::net_device& device, const engine_options& options, duration linger)
    : engine_(device, options, fresh_entropy()), linger_(linger) {
  engine_.start(task::now());
  hook_.emplace(&stack_core::before_wait, this);
  fiber_.emplace("network");
  fiber_->spawn("network", [this] { run(); });
}

void stack_core::run() {
  for (;;) {
    const bool more = engine_.receive(task::now());
    if (engine_.address() && !configured_.empty()) configured_.notify_all();
    if (room_flushed_ && !room_.empty()) room_.notify_all();
    if (!round_.empty() && !tcp().is_delivering()) round_.notify_all();
    if (more) {
      parked_until_ = time_point::min();
      task::yield();
    } else {
      parked_until_ = engine_.deadline();
      task::wait_for_event(parked_until_);
    }
  }
}

// Everything that the fibers of this round have written goes out. If that set a timer that comes before the
// one the network fiber sleeps on, it has to look again.
void stack_core::before_wait(void* self) {
  auto& core = *static_cast<stack_core*>(self);
  core.engine_.flush(task::now());
  core.room_flushed_ = true;
  if (core.engine_.deadline() < core.parked_until_) task::raise_event();
}

bool stack_core::wait_for_address(time_point deadline) {
  while (!engine_.address()) {
    if (stopped_ || !configured_.wait_until(deadline)) return false;
  }
  return true;
}

void stack_core::stop() noexcept {
  task::shield undisturbed;
  const time_point until = task::after(task::now(), linger_);
  while (tcp().is_delivering() && task::now() < until) {
    if (!round_.wait_until(until)) break;
  }
  tcp().reset_all();
  engine_.udp().stop();
  engine_.flush(task::now());
  stopped_ = true;
  hook_.reset();
  fiber_.reset();
  configured_.notify_all();
  room_.notify_all();
}

}  // namespace aster::net
