// What an application is made of: endpoints, middlewares, state, groups.
//
//   web::state(table)                       a value of the program's, for all behind it
//   web::provide(find_user)                 a function whose result is a value for all behind it
//   web::wrap(measure_time)                 a function around all behind it
//   web::get(link, show)                    a route with a method, and its handler
//   web::group(…), web::mount<"/admin">(…)  a list of such, whose middlewares end with it
#pragma once
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "aster/http/method.hpp"
#include "aster/web/literal.hpp"
#include "aster/web/route.hpp"

namespace aster::web {

template <class Route, http::method Method, class Handler>
struct endpoint {
  Handler handler;
};

/// A route and what answers it. Any callable whose parameters argument.hpp can fill and which returns what
/// response.hpp can send; it may park.
template <http::method Method, class Route, class Handler>
auto on(const Route&, Handler&& handler) {
  return endpoint<Route, Method, std::decay_t<Handler>>{std::forward<Handler>(handler)};
}
template <class Route, class Handler>
auto get(const Route& r, Handler&& h) {
  return on<http::method::get>(r, std::forward<Handler>(h));
}
template <class Route, class Handler>
auto head(const Route& r, Handler&& h) {
  return on<http::method::head>(r, std::forward<Handler>(h));
}
template <class Route, class Handler>
auto post(const Route& r, Handler&& h) {
  return on<http::method::post>(r, std::forward<Handler>(h));
}
template <class Route, class Handler>
auto put(const Route& r, Handler&& h) {
  return on<http::method::put>(r, std::forward<Handler>(h));
}
template <class Route, class Handler>
auto patch(const Route& r, Handler&& h) {
  return on<http::method::patch>(r, std::forward<Handler>(h));
}
template <class Route, class Handler>
auto delete_(const Route& r, Handler&& h) {
  return on<http::method::delete_>(r, std::forward<Handler>(h));
}
template <class Route, class Handler>
auto options(const Route& r, Handler&& h) {
  return on<http::method::options>(r, std::forward<Handler>(h));
}

/// A function whose result becomes a value of the context: handlers behind it take a `T&` of it. It may
/// return a std::expected<T, response>, whose error then is the answer, and no handler is called. Its own
/// parameters are filled as a handler's are. The value lives until the response is made.
template <class Function>
struct provider {
  Function function;
};
template <class Function>
auto provide(Function&& f) {
  return provider<std::decay_t<Function>>{std::forward<Function>(f)};
}

/// A function around what stands behind it: it takes a web::next among its parameters, calls it once or not
/// at all, and returns a response. It sees 404 and 405 too when it stands in front of all routes. With a
/// web::next_with<T> instead of the next it makes a T besides: `return behind(value);`.
template <class Function>
struct wrapper {
  Function function;
};
template <class Function>
auto wrap(Function&& f) {
  return wrapper<std::decay_t<Function>>{std::forward<Function>(f)};
}

/// A value that the whole program has, such as a table or a connection: handlers behind it take a `T&`. Owned
/// by the application, or referred to when it is given as an lvalue or by std::ref. What the application owns
/// is destroyed in reverse order.
template <class T>
struct state_item {
  T value;
};
template <class T>
auto state(T&& value) {
  if constexpr (std::is_lvalue_reference_v<T>)
    return state_item<std::reference_wrapper<std::remove_reference_t<T>>>{std::ref(value)};
  else
    return state_item<T>{std::move(value)};
}

/// Middlewares and states in it are there for what stands behind them in the group, not for what follows it.
template <literal Prefix, class... Items>
struct item_list {
  std::tuple<Items...> items;
};
template <class... Items>
auto group(Items&&... items) {
  return item_list<"", std::decay_t<Items>...>{{std::forward<Items>(items)...}};
}
/// A group whose routes all begin with Prefix, which begins with '/' and does not end with it.
template <literal Prefix, class... Items>
auto mount(Items&&... items) {
  static_assert(
      Prefix.view().starts_with('/') && !Prefix.view().ends_with('/') && !Prefix.view().contains('{') &&
          !Prefix.view().contains('?'),
      "the prefix of a mounted application is like \"/admin\": literal, with a '/' at its beginning only");
  return item_list<Prefix, std::decay_t<Items>...>{{std::forward<Items>(items)...}};
}

/// Answers what no route matches, instead of 404.
template <class Handler>
struct fallback_item {
  Handler handler;
};
template <class Handler>
auto fallback(Handler&& h) {
  return fallback_item<std::decay_t<Handler>>{std::forward<Handler>(h)};
}

/// Makes the page for every error: `(const web::request&, const web::error&)` to a response. At the top of an
/// application, once.
template <class Handler>
struct on_error_item {
  Handler handler;
};
template <class Handler>
auto on_error(Handler&& h) {
  return on_error_item<std::decay_t<Handler>>{std::forward<Handler>(h)};
}

}  // namespace aster::web
