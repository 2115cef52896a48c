#include "aster/task/introspection.hpp"

#include "aster/task/scheduler.hpp"
#include "aster/task/scope.hpp"

namespace aster::task {

void scheduler::visit(void (*visit)(void* argument, const fiber_view& f), void* argument) const {
  for (const fiber* f = &root_; f != nullptr; f = f->after) {
    const bool parked = f->now == fiber::state::parked;
    const auto state = f->now == fiber::state::running ? fiber_state::running
                       : f->now == fiber::state::ready ? fiber_state::ready
                       : f->queue == nullptr           ? fiber_state::sleeping
                                                       : fiber_state::waiting;
    const stack* const s = f->own_stack;
    const auto* const deepest = static_cast<const std::byte*>(f->lowest_parked);
    visit(argument,
          {.name = f->name,
           .scope = f->parent != nullptr ? f->parent->name() : std::string_view{},
           .state = state,
           .waits_for = state == fiber_state::waiting ? std::string_view{f->waits_for} : std::string_view{},
           .until = parked && f->alarm.armed() ? f->alarm.deadline : never,
           .cancelled = f->whole.requested(),
           .switches = f->switches,
           .stack_size = s != nullptr ? s->size : 0,
           .stack_used =
               s != nullptr && deepest != nullptr ? static_cast<std::size_t>(s->top() - deepest) : 0});
  }
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

void visit_fibers(void (*visit)(void* argument, const fiber_view& f), void* argument) {
  scheduler::current().visit(visit, argument);
}

std::size_t fiber_count() noexcept { return scheduler::current().alive(); }

std::vector<fiber_info> fibers() {
  std::vector<fiber_info> all;
  all.reserve(fiber_count());
  visit_fibers(
      [](void* argument, const fiber_view& f) {
        static_cast<std::vector<fiber_info>*>(argument)->push_back({.name = std::string{f.name},
                                                                    .scope = std::string{f.scope},
                                                                    .state = f.state,
                                                                    .waits_for = std::string{f.waits_for},
                                                                    .until = f.until,
                                                                    .cancelled = f.cancelled,
                                                                    .switches = f.switches,
                                                                    .stack_size = f.stack_size,
                                                                    .stack_used = f.stack_used});
      },
      &all);
  return all;
}

std::string_view current_name() noexcept { return scheduler::current().running_name(); }

}  // namespace aster::task
