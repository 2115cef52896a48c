// A route is one constant that says which paths there are, what is captured from them, and how such a path is
// made again: server and links cannot drift apart.
//
//   constexpr web::route<"/"> home;
//   constexpr web::route<"/{id}", web::slug> link;
//   constexpr web::route<"/search?{q}&{page?}", std::string, int> search;
//
//   web::get(link, [](web::slug id) { … })         // answers GET /xvw with id = "xvw"
//   link("xvw")                                    // the url "/xvw"; web::href<link>("xvw") is the same
//   search("a&b", 2)                               // "/search?q=a%26b&page=2"
//
// The types stand for the captures in their order; without any, all of them are std::string. A parameter with
// '?' is a std::optional of its type, one with '*' a std::vector.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "aster/web/literal.hpp"
#include "aster/web/pattern.hpp"
#include "aster/web/url.hpp"
#include "aster/web/value.hpp"

namespace aster::web {

namespace detail {

/// What a handler gets for a part: a T, or for parameters that may be missing, an optional or a vector of it.
template <part_kind Kind, class T>
using value_of = std::conditional_t<Kind == part_kind::optional, std::optional<T>,
                                    std::conditional_t<Kind == part_kind::repeated, std::vector<T>, T>>;

template <std::size_t N, class... Types>
struct capture_types {
  using type = std::tuple<Types...>;
};
template <std::size_t N>
struct capture_types<N> {
  template <std::size_t... I>
  static auto make(std::index_sequence<I...>) -> std::tuple<decltype(I, std::string{})...>;
  using type = decltype(make(std::make_index_sequence<N>{}));
};

template <literal Text>
inline constexpr pattern parsed = parse_pattern(Text.view());

/// Only here to stand in the compiler's message: the text of the route that is wrong.
template <literal Route, bool Good>
inline constexpr bool well_formed = Good;

/// Whether `Given` values say all that the pattern needs.
constexpr bool is_enough(const pattern& shape, std::size_t given) {
  for (std::size_t i = given; i < shape.values(); ++i) {
    const part_kind kind = shape.valued(i).kind;
    if (kind != part_kind::optional && kind != part_kind::repeated) return false;
  }
  return true;
}

/// Writes a url part by part.
class url_writer {
 public:
  explicit url_writer(const pattern& shape) : shape_(shape) {}

  template <class T, class Given>
  void add(const Given& given) {
    const pattern_part& part = next_valued();
    if constexpr (std::is_same_v<T, Given>)
      add_one(part, given);
    else if constexpr (std::is_same_v<std::optional<T>, Given>) {
      if (given) add_one(part, *given);
    } else {
      for (const T& each : given) add_one(part, each);
    }
  }
  url finish();

 private:
  template <class T>
  void add_one(const pattern_part& part, const T& given) {
    std::string text;
    value<T>::append(text, given);
    append(part, text);
  }
  const pattern_part& next_valued();
  void append(const pattern_part& part, std::string_view text);

  const pattern& shape_;
  std::size_t next_ = 0;
  bool has_query_ = false;
  std::string text_;
};

/// The call that makes a url of a route's first values. Not a template itself, so that what is given is
/// converted where it is written, and a literal can be checked there.
template <class Route, class Indices>
struct links;
template <class Route, std::size_t... I>
struct links<Route, std::index_sequence<I...>> {
  url operator()(const typename Route::template value_type<I>&... given) const {
    url_writer writer{Route::shape};
    (writer.template add<typename Route::template type<I>>(given), ...);
    return writer.finish();
  }
};

struct no_links {
  void operator()(no_links) const = delete;
};

/// All such calls: with all values, and with fewer when the last may be missing.
template <class Route, std::size_t N, bool More = is_enough(Route::shape, N)>
struct all_links : no_links {
  using no_links::operator();
};
template <class Route, std::size_t N>
struct all_links<Route, N, true> : links<Route, std::make_index_sequence<N>>,
                                   all_links<Route, N - 1, N != 0 && is_enough(Route::shape, N - 1)> {
  using links<Route, std::make_index_sequence<N>>::operator();
  using all_links<Route, N - 1, N != 0 && is_enough(Route::shape, N - 1)>::operator();
};

/// What a route says apart from its text.
template <literal Text, class... Types>
struct route_types {
  static constexpr const pattern& shape = parsed<Text>;
  using types = typename capture_types<shape.values(), Types...>::type;
  template <std::size_t I>
  using type = std::tuple_element_t<I, types>;
  template <std::size_t I>
  using value_type = value_of<shape.valued(I).kind, type<I>>;
};

}  // namespace detail

template <literal Text, class... Types>
class route : public detail::all_links<detail::route_types<Text, Types...>, detail::parsed<Text>.values()> {
 public:
  static constexpr const pattern& shape = detail::parsed<Text>;
  static_assert(detail::well_formed < Text, shape.error == nullptr >,
                "the text of this route is not well formed: it begins with '/', a segment is a literal or a "
                "whole capture {name}, {name...} is the last, each name stands once, and a query is "
                "?{name}&{name?}&{name*}");
  static_assert(sizeof...(Types) == 0 || sizeof...(Types) == shape.values(),
                "a route has one type for each of its captures, or none at all when they are std::string");
  static_assert(
      (textual<Types> && ...),
      "a capture's type is read from text: it has `static std::optional<T> parse(std::string_view)` and "
      "`text()`, or web::value<T> is specialised for it");

  /// The types of the captures, one each, as they were written.
  using types = typename detail::route_types<Text, Types...>::types;
  template <std::size_t I>
  using type = std::tuple_element_t<I, types>;
  static constexpr std::size_t value_count = std::tuple_size_v<types>;
  /// What a handler gets and a link takes for value number I.
  template <std::size_t I>
  using value_type = typename detail::route_types<Text, Types...>::template value_type<I>;

  static constexpr std::string_view text() { return Text.view(); }
  /// The text as a template argument, for messages of the compiler's.
  static constexpr auto name = Text;
};

/// The url of a route with these values; `href<link>("xvw")` is `link("xvw")`.
template <auto const& Route>
inline constexpr auto& href = Route;

namespace detail {

template <literal Prefix, class Route>
struct prefixed;
template <literal Prefix, literal Text, class... Types>
struct prefixed<Prefix, route<Text, Types...>> {
  // "/admin" and "/" are "/admin"; "/admin" and "/users" "/admin/users".
  static constexpr auto text = [] {
    if constexpr (Prefix.view().empty())
      return Text;
    else if constexpr (Text.view() == "/")
      return Prefix;
    else
      return joined<Prefix, Text>;
  }();
  using type = route<text, Types...>;
};

}  // namespace detail

/// The type of a route as it is seen from outside when its application is mounted at Prefix, which begins
/// with
/// '/' and does not end with it: `constexpr web::under<"/admin", decltype(users)> admin_users;`
template <literal Prefix, class Route>
using under = typename detail::prefixed<Prefix, std::remove_cv_t<Route>>::type;

}  // namespace aster::web
