#include "aster/task/scope.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "aster/task/message.hpp"
#include "aster/task/scheduler.hpp"

namespace aster::task {
namespace {

#if ASTER_TASK_ASAN
constexpr std::size_t frame_growth = 4;  // AddressSanitizer's frames are several times as large
#else
constexpr std::size_t frame_growth = 1;
#endif

}  // namespace

scope::scope(std::string_view name) {
  copy_name(name_, sizeof name_, name);
  failed_child_[0] = 0;
}

scope::~scope() {
  if (alive_ != 0) {
    cancel();
    await_all();
  }
  report_lost_error();
}

void scope::join() {
  scheduler& s = scheduler::current();
  if (s.running().parent == this) throw std::logic_error("a fiber joins the scope that it runs in");
  try {
    s.checkpoint();
    while (alive_ != 0) ended_.wait();
  } catch (...) {
    cancel();
    await_all();
    report_lost_error();
    renew();
    throw;
  }
  const std::exception_ptr error = std::move(error_);
  renew();
  if (error) std::rethrow_exception(error);
}

void scope::cancel() noexcept {
  cancelled_ = true;
  for (fiber* child = children_; child != nullptr; child = child->younger) child->whole.request();
}

void scope::await_all() noexcept {
  scheduler& s = scheduler::current();
  const fiber& self = s.running();
  if (self.parent == this) {
    s.give_up((message{} << "fiber '" << self.name << "' destroys the scope that it runs in").view());
  }
  const shield undisturbed;
  while (alive_ != 0) ended_.wait();
}

void scope::renew() noexcept {
  opener_.withdraw();
  error_ = nullptr;
  cancelled_ = false;
}

void scope::report_lost_error() noexcept {
  if (!error_ || opener_.seen()) return;
  message text;
  text << "fiber '" << failed_child_ << "' of scope '" << name_ << "' failed, and nobody joined it";
  try {
    std::rethrow_exception(error_);
  } catch (const std::exception& e) {
    text << ": " << e.what();
  } catch (...) {
  }
  scheduler::current().world().note(text.view());
}

// The control block lies at the top of the new stack, the function object right below it, and the stack
// proper begins there. (Moving the top by some cache lines from stack to stack, so that control blocks do not
// compete for the same lines of the first-level cache, was measured to gain nothing.)
scope::newborn scope::conceive(std::string_view name, const fiber_options& options, std::size_t size,
                               std::size_t align) {
  scheduler& s = scheduler::current();
  stack& own = s.stacks().acquire(options.stack_size * frame_growth);
  const auto top = reinterpret_cast<std::uintptr_t>(own.top());
  const std::uintptr_t control = (top - sizeof(fiber)) & ~std::uintptr_t{63};
  const std::uintptr_t place = (control - size) & ~std::uintptr_t{std::max<std::size_t>(align, 16) - 1};
  if (size > own.size / 2 || align > stack_pool::page) {
    s.stacks().release(own);
    throw std::length_error("the function object of a fiber is too large for its stack");
  }
  auto* const made = ::new (reinterpret_cast<void*>(control)) fiber{s, name};
  made->parent = this;
  made->own_stack = &own;
  own.user = made;
  return {.control = made, .place = reinterpret_cast<void*>(place)};
}

void scope::abandon(const newborn& child) noexcept {
  scheduler& s = child.control->home;
  stack& own = *child.control->own_stack;
  std::destroy_at(child.control);
  s.stacks().release(own);
}

void scope::launch(const newborn& child, void (*run)(void* place)) noexcept {
  fiber& f = *child.control;
  f.body = child.place;
  f.run = run;
  f.older = last_child_;
  (last_child_ != nullptr ? last_child_->younger : children_) = &f;
  last_child_ = &f;
  ++alive_;
  if (cancelled_) f.whole.request();
  f.home.add(f);
}

// On the child's stack, from its first instruction to its last but one.
void scope::run(fiber& child) noexcept {
  try {
    child.run(child.body);
  } catch (const cancelled&) {
    // It was asked to unwind and has.
  } catch (...) {
    child_failed(child, std::current_exception());
  }
  child_ended(child);
}

void scope::child_failed(const fiber& child, std::exception_ptr error) noexcept {
  if (error_) return;
  error_ = std::move(error);
  copy_name(failed_child_, sizeof failed_child_, child.name);
  cancel();
  opener_.request(&error_);
}

void scope::child_ended(fiber& child) noexcept {
  (child.older != nullptr ? child.older->younger : children_) = child.younger;
  (child.younger != nullptr ? child.younger->older : last_child_) = child.older;
  if (--alive_ == 0) ended_.notify_all();
}

}  // namespace aster::task
