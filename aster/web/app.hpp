// An application: routes, and what stands around them, as one value that the compiler has checked.
//
//   web::app app{
//       web::state(links),
//       web::get(home, show_home),
//       web::post(home, add_link),
//       web::get(link, [](web::slug id, table& links) { … }),
//       web::mount<"/admin">(web::provide(require_admin), web::get(users, [](const admin& who) { … })),
//   };
//   web::serve(stack.listen(80), app);
//
// Two routes that match the same paths, a handler that wants a value which nothing makes, one that returns
// nothing: none of them compiles.
#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "aster/http/options.hpp"
#include "aster/http/server.hpp"
#include "aster/web/application.hpp"
#include "aster/web/argument.hpp"
#include "aster/web/items.hpp"

namespace aster::web {

template <class... Items>
class app {
 public:
  explicit app(Items... items) : items_(std::move(items)...) {}
  std::tuple<Items...>& items() { return items_; }

 private:
  std::tuple<Items...> items_;
};

namespace detail {

// ---- the calls, one for each item ----

using provider_place = no_route<"web::provide">;
using wrapper_place = no_route<"web::wrap">;
using fallback_place = no_route<"web::fallback">;

template <class Handler, class Route, class Environment>
response run_handler(void* object, request& req, std::span<const std::string_view> captures) {
  using call = arguments<Handler, Route, Environment>;
  using result = typename signature<Handler>::result;
  return call::template call<response>(*static_cast<Handler*>(object), req, nullptr, captures,
                                       [](auto run) -> response {
                                         if constexpr (!std::is_void_v<result>) return to_response(run());
                                       });
}

template <class T>
struct provided_by {
  using type = T;
  static constexpr bool may_refuse = false;
};
template <class T, class E>
struct provided_by<std::expected<T, E>> {
  using type = T;
  static constexpr bool may_refuse = true;
};
template <class Function>
using provided = provided_by<typename signature<Function>::result>;

template <class Function, class Environment>
response run_provider(void* object, request& req, next behind) {
  using call = arguments<Function, provider_place, Environment>;
  return call::template call<response>(*static_cast<Function*>(object), req, &behind, {},
                                       [&](auto run) -> response {
                                         auto made = run();
                                         if constexpr (provided<Function>::may_refuse) {
                                           if (!made) return to_response(std::move(made.error()));
                                           value_access::set(req, Environment::size, &*made);
                                         } else {
                                           value_access::set(req, Environment::size, &made);
                                         }
                                         return behind();
                                       });
}

template <class Function, class Environment>
response run_wrapper(void* object, request& req, next behind) {
  using call = arguments<Function, wrapper_place, Environment>;
  return call::template call<response>(*static_cast<Function*>(object), req, &behind, {},
                                       [](auto run) -> response { return to_response(run()); });
}

/// What there is behind a middleware: a value more when it takes a web::next_with<T>.
template <class Environment, class Parameters>
struct behind_wrapper;
template <class Environment>
struct behind_wrapper<Environment, std::tuple<>> {
  using type = Environment;
};
template <class Environment, class First, class... Rest>
struct behind_wrapper<Environment, std::tuple<First, Rest...>>
    : behind_wrapper<Environment, std::tuple<Rest...>> {};
template <class Environment, class T, class... Rest>
struct behind_wrapper<Environment, std::tuple<next_with<T>, Rest...>> {
  using type = typename Environment::template with<T>;
};

template <class T>
struct state_type {
  using type = T;
};
template <class T>
struct state_type<std::reference_wrapper<T>> {
  using type = std::remove_const_t<T>;
};

template <class T, class Environment>
response run_state(void* object, request& req, next behind) {
  if constexpr (std::is_same_v<typename state_type<T>::type, T>)
    value_access::set(req, Environment::size, object);
  else
    value_access::set(req, Environment::size, &static_cast<T*>(object)->get());
  return behind();
}

// ---- what is checked of each ----

template <class Route, class Result>
inline constexpr bool returns_something = !std::is_void_v<Result>;
template <class Route, class Handler>
inline constexpr bool returns_a_response = responsive<typename signature<Handler>::result>;

template <class Handler, class Route, class Environment>
consteval bool check_handler() {
  static_assert(
      has_signature<Handler>,
      "a handler is a function or an object with one call operator whose parameters have types: no 'auto'");
  if constexpr (has_signature<Handler>) {
    using result = typename signature<Handler>::result;
    static_assert(returns_something<Route, result>,
                  "this handler returns nothing: each handler returns its one response");
    if constexpr (!std::is_void_v<result>)
      static_assert(returns_a_response<Route, Handler>,
                    "what this handler returns is no response: see aster/web/response.hpp for what is");
    return arguments<Handler, Route, Environment>::check();
  }
  return false;
}

// ---- the walk over the items ----

/// The routes of an application in the order of its items, mounted ones with their prefix.
struct route_list {
  std::vector<routed> routes;
};

template <class Item>
struct item_traits {  // everything that has no routes
  template <literal>
  static constexpr void collect(route_list&) {}
};
template <class Route, http::method Method, class Handler>
struct item_traits<endpoint<Route, Method, Handler>> {
  template <literal Prefix>
  static constexpr void collect(route_list& list) {
    list.routes.push_back({&under<Prefix, Route>::shape, Method});
  }
};
template <literal Inner, class... Items>
struct item_traits<item_list<Inner, Items...>> {
  template <literal Prefix>
  static constexpr void collect(route_list& list) {
    (item_traits<Items>::template collect<joined<Prefix, Inner>>(list), ...);
  }
};
template <class... Items>
struct item_traits<app<Items...>> : item_traits<item_list<"", Items...>> {};

template <class... Items>
inline constexpr auto all_routes = [] {
  constexpr std::size_t count = [] {
    route_list list;
    (item_traits<Items>::template collect<"">(list), ...);
    return list.routes.size();
  }();
  route_list list;
  (item_traits<Items>::template collect<"">(list), ...);
  std::array<routed, count> result{};
  for (std::size_t i = 0; i < count; ++i) result[i] = list.routes[i];
  return result;
}();

// ---- no two routes alike ----

/// A route as it stands in a message of the compiler's.
struct route_text {
  char text[128]{};
  std::size_t size = 0;
};

consteval route_text describe(const routed& r) {
  constexpr std::string_view names[] = {"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                        "CONNECT", "OPTIONS", "TRACE", "PATCH", ""};
  route_text result;
  const auto add = [&](std::string_view text) {
    for (const char c : text)
      if (result.size < sizeof result.text) result.text[result.size++] = c;
  };
  add(names[static_cast<std::size_t>(r.method)]);
  add(" ");
  for (std::size_t i = 0; i < r.shape->segments; ++i) {
    const pattern_part& part = r.shape->parts[i];
    const bool is_literal = part.kind == part_kind::literal;
    add(is_literal ? "/" : "/{");
    add(part.text);
    add(is_literal ? "" : part.kind == part_kind::rest ? "...}" : "}");
  }
  if (r.shape->segments == 0) add("/");
  return result;
}

struct clash {
  std::size_t first = 0, second = 0;
  constexpr bool is_one() const { return first != second; }
};
consteval clash find_clash(std::span<const routed> routes) {
  for (std::size_t i = 0; i < routes.size(); ++i)
    for (std::size_t j = i + 1; j < routes.size(); ++j)
      if (routes[i].method == routes[j].method && same_shape(*routes[i].shape, *routes[j].shape))
        return {i, j};
  return {};
}

template <literal First, literal Second>
inline constexpr bool match_different_paths = false;

/// Functions of their own, so that the compiler's message has the two texts in it, without anything behind.
template <literal First, literal Second>
consteval void refuse_clash() {
  static_assert(
      match_different_paths<First, Second>,
      "these two routes match the same paths, so the second is never reached: give one of them another "
      "path or method");
}
template <std::size_t Size>
consteval auto as_literal(const route_text& from) {
  char exact[Size + 1]{};
  for (std::size_t i = 0; i < Size; ++i) exact[i] = from.text[i];
  return literal<Size + 1>(exact);
}

template <class... Items>
consteval void check_routes() {
  constexpr clash found = find_clash(all_routes<Items...>);
  if constexpr (found.is_one()) {
    constexpr route_text first = describe(all_routes<Items...>[found.first]);
    constexpr route_text second = describe(all_routes<Items...>[found.second]);
    constexpr auto first_text = as_literal<first.size>(first);
    constexpr auto second_text = as_literal<second.size>(second);
    refuse_clash<first_text, second_text>();
  }
}

}  // namespace detail

/// An application made ready to answer: an http::handler. Refers to the app, which must outlive it.
template <class... Items>
class served {
 public:
  explicit served(app<Items...>& from)
      : application_(prepare(from), endpoints_, fallback_, on_error_, options_) {}
  served(const served&) = delete;
  served& operator=(const served&) = delete;

  void operator()(const http::request& req, http::response& res) const { application_(req, res); }

 private:
  using chain = std::vector<middleware_entry>;

  route_table_view prepare(app<Items...>& from) {
    detail::check_routes<Items...>();
    chains_.push_back(std::make_unique<chain>());
    walk<0, environment<>, true>(from.items(), *chains_.back());
    return route_table<[] { return detail::all_routes<Items...>; }>::view();
  }

  /// Handles item I and then what is behind it. `around`: what stands around the item.
  template <std::size_t I, class Environment, bool Top, class Tuple>
  void walk(Tuple& items, const chain& around) {
    if constexpr (I < std::tuple_size_v<Tuple>) {
      add<I, Environment, Top>(items, std::get<I>(items), around);
    } else if constexpr (Top) {
      if (!has_fallback_chain_) fallback_.around = around;
    }
  }

  template <std::size_t I, class Environment, bool Top, class Tuple>
  void walk_on(Tuple& items, const chain& around) {
    walk<I + 1, Environment, Top>(items, around);
  }
  /// Walks on with one more middleware around.
  template <std::size_t I, class Environment, bool Top, class Tuple>
  void walk_on_with(Tuple& items, const chain& around, middleware_entry added) {
    static_assert(Environment::size <= request::most_values,
                  "an application has at most 24 states and providers one behind the other");
    chains_.push_back(std::make_unique<chain>(around));
    chain& longer = *chains_.back();
    longer.push_back(added);
    walk<I + 1, Environment, Top>(items, longer);
  }
  /// What is in front of all routes stands around the fallback too, unless the fallback has its own place.
  template <bool Top>
  void settle_fallback(const chain& around) {
    if (!Top || has_fallback_chain_) return;
    fallback_.around = around;
    has_fallback_chain_ = true;
  }

  template <std::size_t I, class Environment, bool Top, class Tuple, class Route, http::method Method,
            class Handler>
  void add(Tuple& items, endpoint<Route, Method, Handler>& item, const chain& around) {
    if constexpr (detail::check_handler<Handler, Route, Environment>()) {
      endpoint_entry entry{};
      entry.object = &item.handler;
      if constexpr (!detail::accepts_all<Route>()) entry.accepts = &detail::accepts<Route>;
      entry.run = &detail::run_handler<Handler, Route, Environment>;
      entry.around = around;
      endpoints_[endpoints_used_++] = entry;
    }
    settle_fallback<Top>(around);
    walk_on<I, Environment, Top>(items, around);
  }

  template <std::size_t I, class Environment, bool Top, class Tuple, literal Prefix, class... Inner>
  void add(Tuple& items, item_list<Prefix, Inner...>& item, const chain& around) {
    settle_fallback<Top>(around);
    walk<0, Environment, false>(item.items, around);
    walk_on<I, Environment, Top>(items, around);
  }
  template <std::size_t I, class Environment, bool Top, class Tuple, class... Inner>
  void add(Tuple& items, app<Inner...>& item, const chain& around) {
    settle_fallback<Top>(around);
    walk<0, Environment, false>(item.items(), around);
    walk_on<I, Environment, Top>(items, around);
  }

  template <std::size_t I, class Environment, bool Top, class Tuple, class Function>
  void add(Tuple& items, provider<Function>& item, const chain& around) {
    static_assert(detail::has_signature<Function>, "a provider's parameters have types: no 'auto'");
    static_assert(!std::is_void_v<typename detail::signature<Function>::result>,
                  "a provider returns the value that it makes; what only looks at requests is a web::wrap");
    if constexpr (detail::arguments<Function, detail::provider_place, Environment>::check())
      walk_on_with<I, typename Environment::template with<typename detail::provided<Function>::type>, Top>(
          items, around, {&item.function, &detail::run_provider<Function, Environment>});
  }

  template <std::size_t I, class Environment, bool Top, class Tuple, class Function>
  void add(Tuple& items, wrapper<Function>& item, const chain& around) {
    static_assert(detail::has_signature<Function>, "a middleware's parameters have types: no 'auto'");
    static_assert(responsive<typename detail::signature<Function>::result>,
                  "a middleware returns the response: `return behind();` with its web::next");
    if constexpr (detail::arguments<Function, detail::wrapper_place, Environment>::check())
      walk_on_with<I,
                   typename detail::behind_wrapper<Environment,
                                                   typename detail::signature<Function>::parameters>::type,
                   Top>(items, around, {&item.function, &detail::run_wrapper<Function, Environment>});
  }

  template <std::size_t I, class Environment, bool Top, class Tuple, class T>
  void add(Tuple& items, state_item<T>& item, const chain& around) {
    walk_on_with<I, typename Environment::template with<typename detail::state_type<T>::type>, Top>(
        items, around, {&item.value, &detail::run_state<T, Environment>});
  }

  template <std::size_t I, class Environment, bool Top, class Tuple, class Handler>
  void add(Tuple& items, fallback_item<Handler>& item, const chain& around) {
    static_assert(Top,
                  "a fallback stands at the top of an application; one for a part is a route with {rest...}");
    if constexpr (detail::check_handler<Handler, detail::fallback_place, Environment>()) {
      fallback_.object = &item.handler;
      fallback_.run = &detail::run_handler<Handler, detail::fallback_place, Environment>;
    }
    fallback_.around = around;
    has_fallback_chain_ = true;
    walk_on<I, Environment, Top>(items, around);
  }

  template <std::size_t I, class Environment, bool Top, class Tuple, class Handler>
  void add(Tuple& items, on_error_item<Handler>& item, const chain& around) {
    static_assert(Top, "web::on_error stands at the top of an application");
    static_assert(std::is_invocable_v<Handler&, const request&, const error&>,
                  "web::on_error takes (const web::request&, const web::error&)");
    on_error_ = {&item.handler, [](void* object, const request& req, const error& e) {
                   return to_response((*static_cast<Handler*>(object))(req, e));
                 }};
    walk_on<I, Environment, Top>(items, around);
  }

  template <std::size_t I, class Environment, bool Top, class Tuple>
  void add(Tuple& items, application_options& item, const chain& around) {
    static_assert(Top, "options stand at the top of an application");
    options_ = item;
    walk_on<I, Environment, Top>(items, around);
  }

  std::vector<std::unique_ptr<chain>> chains_;  // each lies still: entries refer to it
  std::array<endpoint_entry, detail::all_routes<Items...>.size()> endpoints_{};
  std::size_t endpoints_used_ = 0;
  endpoint_entry fallback_{};
  bool has_fallback_chain_ = false;
  error_entry on_error_{};
  application_options options_{};
  application application_;
};

/// Serves an application on a listener: http::serve with it as the handler. Parks until the program is asked
/// to stop.
template <class... Items>
void serve(net::listener listener, app<Items...>& what, const http::options& options = {}) {
  served<Items...> handler{what};
  http::serve(std::move(listener), handler, options);
}
template <class... Items>
void serve(net::listener listener, app<Items...>&& what, const http::options& options = {}) {
  serve(std::move(listener), what, options);
}

}  // namespace aster::web
