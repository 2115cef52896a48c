#include "aster/task/introspection.hpp"

#include "aster/task/scheduler.hpp"
#include "aster/task/scope.hpp"

namespace aster::task {

std::vector<fiber_info> scheduler::list() const {
  std::vector<fiber_info> all;
  all.reserve(alive_);
  for (const fiber* f = &root_; f != nullptr; f = f->after) {
    const bool parked = f->now == fiber::state::parked;
    const auto state = f->now == fiber::state::running ? fiber_state::running
                       : f->now == fiber::state::ready ? fiber_state::ready
                       : f->queue == nullptr           ? fiber_state::sleeping
                                                       : fiber_state::waiting;
    const stack* const s = f->own_stack;
    const auto* const deepest = static_cast<const std::byte*>(f->lowest_parked);
    all.push_back({.name = f->name,
                   .scope = f->parent != nullptr ? std::string{f->parent->name()} : std::string{},
                   .state = state,
                   .waits_for = state == fiber_state::waiting ? f->waits_for : "",
                   .until = parked && f->alarm.armed() ? f->alarm.deadline : never,
                   .cancelled = f->whole.requested(),
                   .switches = f->switches,
                   .stack_size = s != nullptr ? s->size : 0,
                   .stack_used = s != nullptr && deepest != nullptr
                                     ? static_cast<std::size_t>(s->top() - deepest)
                                     : 0});
  }
  return all;
}

std::string scheduler::describe_parked(std::size_t limit) const {
  std::string text;
  std::size_t parked = 0;
  for (const fiber* f = &root_; f != nullptr; f = f->after) {
    if (f->now != fiber::state::parked || ++parked > limit) continue;
    if (parked > 1) text += ", ";
    text.append("'").append(f->name).append("' waits for ").append(f->waits_for);
  }
  if (parked > limit) text.append(" and ").append(std::to_string(parked - limit)).append(" more");
  return text;
}

message scheduler::left_behind() const noexcept {
  message text;
  text << "fibers left behind at the end:";
  std::size_t named = 0;
  for (const fiber* f = root_.after; f != nullptr && named < 8; f = f->after, ++named) {
    text << (named == 0 ? " '" : ", '") << f->name << "'";
  }
  if (alive_ - 1 > named) text << " and " << std::uint64_t{alive_ - 1 - named} << " more";
  return text;
}

std::vector<fiber_info> fibers() { return scheduler::current().list(); }

std::string_view current_name() noexcept { return scheduler::current().running_name(); }

}  // namespace aster::task
