#include "aster/net/core.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <utility>

#include "abi/control.hpp"
#include "abi/platform.hpp"
#include "aster/net/report.hpp"
#include "aster/task/cancellation.hpp"

namespace aster::net {

siphash_key fresh_entropy() {
  siphash_key key;
  abi::current_platform().fill_entropy(key.data(), sizeof key);
  return key;
}

stack_core::stack_core(abi::net_device& device, const engine_options& options, duration linger)
    : engine_(device, options, fresh_entropy()), linger_(linger) {
  next_ = std::exchange(first_, this);
  engine_.start(task::now());
  hook_.emplace(&stack_core::before_wait, this);
  fiber_.emplace("network");
  fiber_->spawn("network", [this] { run(); });
}

void stack_core::run() {
  for (;;) {
    const bool more = engine_.receive(task::now());
    if (const std::uint32_t changes = addresses_changed(); changes != known_changes_) {
      known_changes_ = changes;
      configured_.notify_all();  // each looks whether it has what it waits for
    }
    if (room_flushed_ && !room_.empty()) room_.notify_all();
    if (!round_.empty() && !tcp().is_delivering()) round_.notify_all();
    look_for_question();
    if (more) {
      parked_until_ = time_point::min();
      task::yield();
    } else {
      parked_until_ = engine_.deadline();
      task::wait_for_event(parked_until_);
    }
  }
}

constinit stack_core* stack_core::first_ = nullptr;

// An answer is written by a fiber of its own, which lets others run between its lines: who asks about ten
// thousand connections shall not be what they wait for.
void stack_core::look_for_question() {
  if (is_answering_ || stopped_) return;
  std::array<char, abi::question_limit> text;
  const std::size_t size = abi::current_platform().question(text.data());
  if (size == 0) return;
  is_answering_ = true;
  try {
    fiber_->spawn("answers", [this, asked = std::string{text.data(), size}] {
      try {
        answer(asked);
      } catch (const std::bad_alloc&) {  // whoever asked waits in vain, and says so
      }
      is_answering_ = false;
    });
  } catch (const std::bad_alloc&) {
    is_answering_ = false;
  }
}

void stack_core::answer(std::string_view asked) {
  const question q = question::parse(asked);
  std::string text;
  for (stack_core* s = first_; s != nullptr; s = s->next_) {
    text += report(s->engine_, q, task::now() - s->began_);
    if (q.what == "fibers") break;  // they belong to no stack
  }
  net::answer(q.id, text);  // from here on some stack may be gone
}

// Everything that the fibers of this round have written goes out. If that set a timer that comes before the
// one the network fiber sleeps on, it has to look again.
void stack_core::before_wait(void* self) {
  auto& core = *static_cast<stack_core*>(self);
  core.engine_.flush(task::now());
  core.room_flushed_ = true;
  if (core.engine_.deadline() < core.parked_until_) task::raise_event();
}

std::uint32_t stack_core::addresses_changed() const {
  std::uint32_t sum = 0;
  for (const auto& a : engine_.attachments()) {
    if (a->interface().ipv6() != nullptr) sum += 2 * a->interface().ipv6()->state().changes();
    sum += a->interface().address() ? 1 : 0;
  }
  return sum;
}

bool stack_core::wait_for_address(time_point deadline) {
  return wait_until(deadline, [&] { return engine_.address().has_value(); });
}

bool stack_core::wait_for_address6(time_point deadline) {
  const interface6* six = engine_.attachments().front()->interface().ipv6();
  return six != nullptr && wait_until(deadline, [&] { return six->address().has_value(); });
}

bool stack_core::has_address() const {
  const interface6* six = engine_.attachments().front()->interface().ipv6();
  return engine_.address() || (six != nullptr && six->address());
}

bool stack_core::is_settled() const {
  const interface6* six = engine_.attachments().front()->interface().ipv6();
  return engine_.address() && (six == nullptr || !six->state().is_looking_for_routers());
}

bool stack_core::wait_for_source(const ip_address& remote, time_point deadline) {
  if (remote.is_v4()) return wait_for_address(deadline);
  while (!engine_.routes().source_for(remote)) {
    const bool hopeless = std::ranges::none_of(engine_.attachments(), [](const auto& a) {
      const interface6* six = a->interface().ipv6();
      return six != nullptr && six->state().is_looking_for_routers();
    });
    if (hopeless || stopped_ || !configured_.wait_until(deadline)) return false;
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
  for (stack_core** link = &first_; *link != nullptr; link = &(*link)->next_) {
    if (*link != this) continue;
    *link = next_;
    break;
  }
  hook_.reset();
  fiber_.reset();
  configured_.notify_all();
  room_.notify_all();
}

}  // namespace aster::net
