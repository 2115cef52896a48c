// A callable that is called at most once, owned: std::move_only_function, which the library lacks.
#pragma once
#include <concepts>
#include <memory>
#include <utility>

namespace aster::http {

template <class... Arguments>
class once {
 public:
  once() = default;
  template <class Callable>
    requires(!std::same_as<std::remove_cvref_t<Callable>, once>) && std::invocable<Callable&, Arguments...>
  once(Callable&& callable)
      : held_(std::make_unique<holder<std::decay_t<Callable>>>(std::forward<Callable>(callable))) {}

  explicit operator bool() const { return held_ != nullptr; }
  void operator()(Arguments... arguments) { held_->call(std::forward<Arguments>(arguments)...); }

 private:
  struct base {
    virtual ~base() = default;
    virtual void call(Arguments...) = 0;
  };
  template <class Callable>
  struct holder final : base {
    explicit holder(Callable&& c) : callable(std::move(c)) {}
    explicit holder(const Callable& c) : callable(c) {}
    void call(Arguments... arguments) override { callable(std::forward<Arguments>(arguments)...); }
    Callable callable;
  };
  std::unique_ptr<base> held_;
};

}  // namespace aster::http
