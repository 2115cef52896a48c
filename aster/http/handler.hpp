// A reference to what answers requests: any callable `void(const http::request&, http::response&)`.
#pragma once
#include <concepts>
#include <memory>
#include <type_traits>

namespace aster::http {

class request;
class response;

template <class Callable>
concept handler = std::invocable<Callable&, const request&, response&>;

/// Does not own the callable, which must outlive it: `serve` blocks as long as it is needed.
class handler_reference {
 public:
  template <handler Callable>
    requires(!std::same_as<std::remove_cvref_t<Callable>, handler_reference>)
  handler_reference(Callable&& callable) {  // implicit, so that a lambda can be handed over as it is
    using target = std::remove_reference_t<Callable>;
    if constexpr (std::is_function_v<target>)
      object_ = reinterpret_cast<void*>(&callable);
    else
      object_ = const_cast<void*>(static_cast<const volatile void*>(std::addressof(callable)));
    call_ = [](void* object, const request& req, response& res) {
      (*reinterpret_cast<target*>(object))(req, res);
    };
  }

  void operator()(const request& req, response& res) const { call_(object_, req, res); }

 private:
  void* object_;
  void (*call_)(void*, const request&, response&);
};

}  // namespace aster::http
