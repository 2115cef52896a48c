// One value, once: an answer that some fibers wait for and another one gives.
//
//   task::one_shot<address> resolved;
//   fibers.spawn("dns", [&] { resolved.set(lookup(name)); });
//   connect(resolved.get());             // parks until it is set
//
// `one_shot<void>` is an event: `set()` and `get()` without a value.
#pragma once
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include "aster/task/wait_queue.hpp"

namespace aster::task {

template <class T>
class one_shot {
  using stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  one_shot() = default;

  /// Gives the value and makes all who wait ready. Throws std::logic_error when it was given before. Never
  /// switches.
  void set(stored value)
    requires(!std::is_void_v<T>)
  {
    give<1>(std::move(value));
  }
  void set()
    requires std::is_void_v<T>
  {
    give<1>(std::monostate{});
  }

  /// Gives an error instead: `get` rethrows it.
  void fail(std::exception_ptr error) { give<2>(std::move(error)); }

  [[nodiscard]] bool is_set() const noexcept { return result_.index() != 0; }

  /// Parks until the value is there. A value that can be copied stays, for any number of fibers; one that
  /// can only be moved goes to the first, and std::logic_error tells the others. Throws `cancelled`.
  T get() {
    checkpoint();
    if (!is_set()) waiting_.wait();
    if (result_.index() == 2) std::rethrow_exception(std::get<2>(result_));
    if constexpr (std::is_void_v<T>) {
      return;
    } else if constexpr (std::is_copy_constructible_v<T>) {
      return std::get<1>(result_);
    } else {
      if (std::exchange(taken_, true)) throw std::logic_error("one_shot: the value was taken already");
      return std::move(std::get<1>(result_));
    }
  }

 private:
  template <std::size_t Index, class Value>
  void give(Value&& value) {
    if (is_set()) throw std::logic_error("one_shot: set twice");
    result_.template emplace<Index>(std::forward<Value>(value));
    waiting_.notify_all();
  }

  std::variant<std::monostate, stored, std::exception_ptr> result_;
  bool taken_ = false;
  wait_queue waiting_{"a one-shot"};
};

}  // namespace aster::task
