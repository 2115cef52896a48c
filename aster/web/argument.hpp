// What a handler's parameters are filled with. Each says by its type what it wants:
//
//   const web::request&        the request
//   web::next, web::next_with<T>  what is behind a middleware (see items.hpp)
//   user&                      a value that a middleware or a state in front of the route has made
//   web::json<T>, web::form<T> what a body holds: any T that web::extract<T> is specialised for
//   anything else              the captures of the route, in their order
//
// A parameter that nothing fills is an error of the compiler, and so is a capture that no parameter takes.
#pragma once
#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "aster/http/failure.hpp"
#include "aster/web/request.hpp"
#include "aster/web/response.hpp"
#include "aster/web/route.hpp"
#include "aster/web/signature.hpp"

namespace aster::web {

/// How a T is got out of a request: `static std::expected<T, response> from(const request&)`, or an exception
/// such as http::failure. May park. Specialise it for a type of your own.
template <class T>
struct extract;

template <class T>
concept extractable = requires(const request& req) { extract<T>::from(req); };

/// The types of the values that are there at some place of an application, in the order in which they came.
template <class... Types>
struct environment {
  static constexpr std::size_t size = sizeof...(Types);
  template <class T>
  static constexpr bool has = (std::is_same_v<T, Types> || ...);
  template <class T>
  static constexpr std::size_t place() {
    std::size_t i = 0, found = 0;
    ((std::is_same_v<T, Types> ? found = i++ : i++), ...);  // the innermost, when there are several
    return found;
  }
  template <class T>
  using with = environment<Types..., T>;
};

template <class T>
class next_with;

namespace detail {

template <class T>
inline constexpr bool is_next_with = false;
template <class T>
inline constexpr bool is_next_with<next_with<T>> = true;

struct value_access {
  template <class T>
  static T& get(const request& req, std::size_t place) {
    return *static_cast<T*>(req.values_[place]);
  }
  static void set(request& req, std::size_t place, const void* value) {
    req.values_[place] = const_cast<void*>(value);
  }
};

enum class source : std::uint8_t { request, next, next_with, value, extracted, capture };

template <class Parameter, class Environment>
consteval source source_of() {
  using T = std::remove_cvref_t<Parameter>;
  if constexpr (std::is_same_v<T, request>)
    return source::request;
  else if constexpr (std::is_same_v<T, next>)
    return source::next;
  else if constexpr (is_next_with<T>)
    return source::next_with;
  else if constexpr (Environment::template has<T>)
    return source::value;
  else if constexpr (extractable<T>)
    return source::extracted;
  else
    return source::capture;
}

/// No route: middlewares and the fallback have none. Messages call them by a word instead.
template <literal What>
struct no_route {
  static constexpr auto name = What;
  static constexpr std::size_t value_count = 0;
};

// These stand in the compiler's messages; their arguments say which.
template <class Parameter, literal For>
inline constexpr bool nothing_makes_it = false;
/// A function of its own, so that the message has the route's text in it and not the way to it.
template <class Parameter, literal For>
consteval void refuse_missing() {
  static_assert(nothing_makes_it<Parameter, For>,
                "this handler wants a value that nothing makes: no middleware or state in front of it has "
                "this type, the route has no more captures, and web::extract is not specialised for it");
}
template <class Route, std::size_t Taken, std::size_t Captured>
inline constexpr bool takes_each_capture = Taken == Captured;
template <class Wanted, class Captured>
inline constexpr bool fits_its_capture = std::is_same_v<Wanted, Captured>;

/// Decoded values of the query for one parameter. Throws http::failure when there is none of a required one,
/// or one that cannot be read.
std::vector<std::string> query_values(const request& req, std::string_view name);
[[noreturn]] void refuse_parameter(std::string_view name, std::string_view why);
/// "'page' should be a whole number"; without an `expected`, that it is not what it should be.
[[noreturn]] void refuse_value(std::string_view name, std::string_view expected);

/// What texts of T are, for a message; empty when T does not say.
template <class T>
consteval std::string_view expected_text() {
  if constexpr (requires { std::string_view{value<T>::expected}; })
    return value<T>::expected;
  else
    return {};
}

template <class Value, class T, part_kind Kind>
Value read_query(const request& req, std::string_view name) {
  static_assert(!std::is_same_v<T, std::string_view>,
                "a parameter of the query is a std::string: it is decoded");
  const std::vector<std::string> texts = query_values(req, name);
  const auto read = [&](const std::string& text) {
    std::optional<T> parsed = value<T>::parse(text);
    if (!parsed) refuse_value(name, expected_text<T>());
    return std::move(*parsed);
  };
  if constexpr (Kind == part_kind::repeated) {
    std::vector<T> all;
    for (const std::string& text : texts) all.push_back(read(text));
    return all;
  } else if constexpr (Kind == part_kind::optional) {
    if (texts.empty()) return std::nullopt;
    return read(texts.front());
  } else {
    if (texts.empty()) refuse_parameter(name, "is missing");
    return read(texts.front());
  }
}

/// The arguments of one call of Callable.
template <class Callable, class Route, class Environment>
class arguments {
  using parameters = typename signature<Callable>::parameters;
  static constexpr std::size_t count = std::tuple_size_v<parameters>;
  template <std::size_t I>
  using parameter = std::tuple_element_t<I, parameters>;
  template <std::size_t I>
  using bare = std::remove_cvref_t<parameter<I>>;
  template <std::size_t I>
  static constexpr source source_at = source_of<parameter<I>, Environment>();

  /// How many of the first I parameters take captures.
  template <std::size_t I>
  static consteval std::size_t captures_before() {
    return []<std::size_t... J>(std::index_sequence<J...>) {
      return (std::size_t{0} + ... + (source_at<J> == source::capture));
    }(std::make_index_sequence<I>{});
  }

  template <std::size_t I>
  static constexpr bool is_filled() {
    if constexpr (source_at<I> == source::capture) {
      constexpr std::size_t index = captures_before<I>();
      if constexpr (index >= Route::value_count) {
        refuse_missing<bare<I>, Route::name>();
        return false;
      } else {
        static_assert(
            fits_its_capture<bare<I>, typename Route::template value_type<index>>,
            "this parameter stands where the route has a capture of another type, and nothing in front "
            "of it makes a value of its own");
        return fits_its_capture<bare<I>, typename Route::template value_type<index>>;
      }
    } else {
      return true;
    }
  }

 public:
  /// Complains in static_asserts.
  template <std::size_t... I>
  static consteval bool check(std::index_sequence<I...>) {
    constexpr bool filled = (is_filled<I>() && ... && true);
    if constexpr (filled && Route::value_count != 0)
      static_assert(takes_each_capture<Route, captures_before<count>(), Route::value_count>,
                    "a handler takes every capture of its route, in their order");
    return filled;
  }
  static consteval bool check() { return check(std::make_index_sequence<count>{}); }

  /// Calls with what the request has; the result, or the response that says why it could not be called.
  template <class Result, class Then>
  static Result call(Callable& callable, request& req, next* around,
                     std::span<const std::string_view> captures, Then then) {
    return call_each<Result>(callable, req, around, captures, then, std::make_index_sequence<count>{});
  }

 private:
  template <std::size_t I>
  static auto holder() {
    if constexpr (source_at<I> == source::extracted || source_at<I> == source::capture ||
                  source_at<I> == source::next_with)
      return std::optional<bare<I>>{};
    else if constexpr (source_at<I> == source::next)
      return static_cast<const next*>(nullptr);
    else
      return static_cast<bare<I>*>(nullptr);
  }

  /// Fills one; false when `refusal` says why not.
  template <std::size_t I>
  static bool fill(auto& held, request& req, next* around, std::span<const std::string_view> captures,
                   std::optional<response>& refusal) {
    if constexpr (source_at<I> == source::request) {
      held = &req;
    } else if constexpr (source_at<I> == source::next) {
      held = around;
    } else if constexpr (source_at<I> == source::next_with) {
      held.emplace(*around, req, Environment::size);
    } else if constexpr (source_at<I> == source::value) {
      held = &value_access::get<bare<I>>(req, Environment::template place<bare<I>>());
    } else if constexpr (source_at<I> == source::extracted) {
      auto got = extract<bare<I>>::from(req);
      if (!got) {
        refusal.emplace(to_response(std::move(got.error())));
        return false;
      }
      held.emplace(std::move(*got));
    } else {
      constexpr std::size_t index = captures_before<I>();
      using T = typename Route::template type<index>;
      constexpr const pattern_part& part = Route::shape.valued(index);
      if constexpr (part.kind == part_kind::capture || part.kind == part_kind::rest)
        held = value<T>::parse(captures[index]);  // accepted already
      else
        held.emplace(read_query<bare<I>, T, part.kind>(req, part.text));
    }
    return true;
  }

  template <class Result, class Then, std::size_t... I>
  static Result call_each(Callable& callable, request& req, next* around,
                          std::span<const std::string_view> captures, Then then, std::index_sequence<I...>) {
    std::tuple<decltype(holder<I>())...> held{holder<I>()...};
    std::optional<response> refusal;
    if (!(fill<I>(std::get<I>(held), req, around, captures, refusal) && ... && true))
      return std::move(*refusal);
    return then([&]() -> decltype(auto) {
      return callable(static_cast<parameter<I>>(pass<I>(std::get<I>(held)))...);
    });
  }

  template <std::size_t I>
  static decltype(auto) pass(auto& held) {
    if constexpr (std::is_lvalue_reference_v<parameter<I>>)
      return *held;
    else if constexpr (source_at<I> == source::extracted || source_at<I> == source::capture)
      return std::move(*held);
    else
      return *held;  // by value: copied
  }
};

/// Whether path captures can be read as the types of Route.
template <class Route>
bool accepts(std::span<const std::string_view> captures) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto reads = [&]<std::size_t J>() {
      constexpr part_kind kind = Route::shape.valued(J).kind;
      if constexpr (kind == part_kind::capture || kind == part_kind::rest)
        return value<typename Route::template type<J>>::parse(captures[J]).has_value();
      else
        return true;
    };
    return (reads.template operator()<I>() && ... && true);
  }(std::make_index_sequence<Route::value_count>{});
}

/// Whether any text would do.
template <class Route>
consteval bool accepts_all() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return ((Route::shape.valued(I).kind >= part_kind::required ||
             std::is_same_v<typename Route::template type<I>, std::string> ||
             std::is_same_v<typename Route::template type<I>, std::string_view>) &&
            ... && true);
  }(std::make_index_sequence<Route::value_count>{});
}

}  // namespace detail

/// The rest of the way to the handler, for a middleware that makes a T on the way in and looks after it on
/// the way out; handlers behind it take a `T&`.
template <class T>
class next_with {
 public:
  next_with(next behind, request& req, std::size_t place) : behind_(behind), request_(req), place_(place) {}
  /// Runs what is behind, once. `value` has to live meanwhile.
  response operator()(T& value) const {
    detail::value_access::set(request_, place_, &value);
    return behind_();
  }

 private:
  next behind_;
  request& request_;
  std::size_t place_;
};

}  // namespace aster::web
