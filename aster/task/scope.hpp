// Where fibers are born, and by whose end all of them have ended.
//
// A fiber that runs on after the function that started it has returned uses what is gone, and its error
// reaches nobody. So fibers are started in a scope, and a scope does not end before its fibers have:
//
//   task::scope requests{"requests"};
//   for (auto& url : urls) requests.spawn(url, [&] { fetch(url); });
//   requests.join();                       // all have ended; the first error of any is rethrown here
//
// The first child that ends by an exception cancels its siblings. Its error reaches the fiber that opened
// the scope at that fiber's next blocking call (or the one it is parked in): `join`, mostly, but also a
// `receive` from a channel that the dead child would have fed. Later errors of siblings are dropped. When the
// opener itself is cancelled inside `join`, the children are cancelled and awaited, then `cancelled` goes on.
//
// Without a `join`, the destructor cancels the children and awaits them, undisturbed by cancellation; an
// error that reached nobody is then reported by the platform's `note`.
#pragma once
#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "aster/task/cancellation.hpp"
#include "aster/task/wait_queue.hpp"

namespace aster::task {

struct fiber_options {
  /// Usable bytes, 16 KiB to 1 GiB, rounded up to a power of two. Address space, not memory: only pages that
  /// were touched count. A guard page lies below.
  std::size_t stack_size = std::size_t{64} * 1024;
};

class scope {
 public:
  /// `name` is copied; at most 31 bytes of it are kept. The fiber that runs is the opener.
  explicit scope(std::string_view name = {});
  /// Cancels the children that are left and parks until they have ended. Never throws, never cut short.
  ~scope();
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;

  /// Starts a fiber that calls `f()`. It becomes ready and runs when the caller parks; this never switches.
  /// Anybody who can reach the scope may call it: a child gets siblings this way. In a scope that was
  /// cancelled the fiber starts cancelled: it runs up to its first blocking call. `name` is copied, 47 bytes
  /// at most. `f` is moved onto the new stack and destroyed there, before the fiber counts as ended; what it
  /// returns is dropped. Throws std::bad_alloc when there is no memory for a stack, and std::length_error
  /// when `f` would fill more than half of it.
  template <class Function>
    requires std::invocable<std::decay_t<Function>&>
  void spawn(std::string_view name, Function&& f, fiber_options options = {});

  /// Parks until all children have ended, those too that are started meanwhile. Rethrows the first error of
  /// a child, after all have ended; then the scope is as new. Throws `cancelled`, also after all have ended.
  void join();

  /// Asks all children to unwind. Those started before the next `join` are asked as well. Never switches.
  void cancel() noexcept;

  /// Children that have not ended.
  [[nodiscard]] std::size_t size() const noexcept { return alive_; }

  [[nodiscard]] std::string_view name() const noexcept { return name_; }

 private:
  friend class scheduler;
  struct newborn {
    fiber* control;
    void* place;  // for the function object, on the new stack
  };
  newborn conceive(std::string_view name, const fiber_options& options, std::size_t size, std::size_t align);
  void abandon(const newborn& child) noexcept;
  void launch(const newborn& child, void (*run)(void* place)) noexcept;

  void run(fiber& child) noexcept;
  void child_failed(const fiber& child, std::exception_ptr error) noexcept;
  void child_ended(fiber& child) noexcept;
  void await_all() noexcept;
  void renew() noexcept;
  void report_lost_error() noexcept;

  fiber* children_ = nullptr;  // in the order of birth
  fiber* last_child_ = nullptr;
  std::size_t alive_ = 0;
  std::exception_ptr error_;
  wait_queue ended_{"its children"};
  cancel_region opener_;  // in the opener: asked with `error_`
  bool cancelled_ = false;
  char name_[32];
  char failed_child_[48];
};

template <class Function>
  requires std::invocable<std::decay_t<Function>&>
void scope::spawn(std::string_view name, Function&& f, fiber_options options) {
  using body = std::decay_t<Function>;
  const newborn child = conceive(name, options, sizeof(body), alignof(body));
  if constexpr (std::is_nothrow_constructible_v<body, Function>) {
    ::new (child.place) body(std::forward<Function>(f));
  } else {
    try {
      ::new (child.place) body(std::forward<Function>(f));
    } catch (...) {
      abandon(child);
      throw;
    }
  }
  launch(child, [](void* place) {
    struct owner {
      body& f;
      ~owner() { std::destroy_at(&f); }
    } owned{*std::launder(static_cast<body*>(place))};
    static_cast<void>(owned.f());
  });
}

}  // namespace aster::task
