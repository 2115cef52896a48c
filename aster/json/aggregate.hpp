// What an aggregate is made of, as the compiler knows it: how many members, their names, and themselves.
//
//   struct link { std::string id, target; int clicks = 0; };
//
//   static_assert(json::member_count<link> == 3);
//   static_assert(json::member_name<link, 1> == "target");
//   json::with_members(some_link, [](auto&... members) { … });
//
// An aggregate here is a struct without bases, constructors and private members, of up to 24 members, none of
// which is an array of C's or a reference. Its members may be aggregates. A '_' at the end of a name is not
// part of it, so that `class_` is called "class".
#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace aster::json {

inline constexpr std::size_t most_members = 24;

template <class T>
concept aggregate = std::is_aggregate_v<T> && std::is_class_v<T> && !std::is_array_v<T>;

namespace detail {

/// Becomes whatever a member wants to be initialised with. Never called: defined, because the compiler would
/// complain of types without linkage.
struct anything {
  template <class T>
  operator T() const {
    __builtin_unreachable();
  }
};

template <class T, std::size_t... I>
consteval bool takes(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), anything{})...}; };
}

/// The most initialisers that T takes. Fewer than all of them may be too few: members without a default.
template <class T, std::size_t N = 0, bool Took = false>
consteval std::size_t count_members() {
  if constexpr (takes<T>(std::make_index_sequence<N>{}))
    return N > most_members ? N : count_members<T, N + 1, true>();
  else if constexpr (Took)
    return N - 1;
  else if constexpr (N > most_members)
    return N;
  else
    return count_members<T, N + 1, false>();
}

}  // namespace detail

template <aggregate T>
inline constexpr std::size_t member_count = detail::count_members<T>();

/// Calls `use` with a reference to each member, in their order.
template <class T, class Use>
  requires aggregate<std::remove_const_t<T>>
constexpr decltype(auto) with_members(T& value, Use&& use) {
  constexpr std::size_t count = member_count<std::remove_const_t<T>>;
  static_assert(count <= most_members, "an aggregate that is read or written has at most 24 members");
  // The language has no shorter way: a structured binding has as many names as are written here.
  if constexpr (count == 0) {
    return use();
  } else if constexpr (count == 1) {
    auto& [a] = value;
    return use(a);
  } else if constexpr (count == 2) {
    auto& [a, b] = value;
    return use(a, b);
  } else if constexpr (count == 3) {
    auto& [a, b, c] = value;
    return use(a, b, c);
  } else if constexpr (count == 4) {
    auto& [a, b, c, d] = value;
    return use(a, b, c, d);
  } else if constexpr (count == 5) {
    auto& [a, b, c, d, e] = value;
    return use(a, b, c, d, e);
  } else if constexpr (count == 6) {
    auto& [a, b, c, d, e, f] = value;
    return use(a, b, c, d, e, f);
  } else if constexpr (count == 7) {
    auto& [a, b, c, d, e, f, g] = value;
    return use(a, b, c, d, e, f, g);
  } else if constexpr (count == 8) {
    auto& [a, b, c, d, e, f, g, h] = value;
    return use(a, b, c, d, e, f, g, h);
  } else if constexpr (count == 9) {
    auto& [a, b, c, d, e, f, g, h, i] = value;
    return use(a, b, c, d, e, f, g, h, i);
  } else if constexpr (count == 10) {
    auto& [a, b, c, d, e, f, g, h, i, j] = value;
    return use(a, b, c, d, e, f, g, h, i, j);
  } else if constexpr (count == 11) {
    auto& [a, b, c, d, e, f, g, h, i, j, k] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k);
  } else if constexpr (count == 12) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l);
  } else if constexpr (count == 13) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m);
  } else if constexpr (count == 14) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  } else if constexpr (count == 15) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  } else if constexpr (count == 16) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  } else if constexpr (count == 17) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
  } else if constexpr (count == 18) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
  } else if constexpr (count == 19) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
  } else if constexpr (count == 20) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
  } else if constexpr (count == 21) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
  } else if constexpr (count == 22) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
  } else if constexpr (count == 23) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
  } else if constexpr (count == 24) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = value;
    return use(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);
  }
}

namespace detail {

template <class T>
struct holder {
  T value;
};
// Never defined and never used but for the addresses of its parts, which the compiler knows how to print.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
template <class T>
extern const holder<T> external;

template <class T>
constexpr auto member_addresses =
    with_members(external<T>.value, [](auto&... members) { return std::tuple{&members...}; });
#pragma clang diagnostic pop

template <auto Address>
consteval std::string_view printed_name() {
  std::string_view text = __PRETTY_FUNCTION__;  // …[Address = &external<link>.value.target]
  text.remove_suffix(1);
  text.remove_prefix(text.rfind('.') + 1);
  if (text.ends_with('_')) text.remove_suffix(1);
  return text;
}

/// The name between other text, as an array of its own: the compiler's text does not stay in the image.
template <class T, std::size_t I>
struct member_text {
  static constexpr std::string_view printed = printed_name<std::get<I>(member_addresses<T>)>();
  static constexpr auto key = [] {  // "name":
    std::array<char, printed.size() + 3> text{};
    std::size_t at = 0;
    text[at++] = '"';
    for (const char c : printed) text[at++] = c;
    text[at++] = '"';
    text[at++] = ':';
    return text;
  }();
};

template <class... Types>
struct type_list {
  static constexpr std::size_t size = sizeof...(Types);
};

}  // namespace detail

template <aggregate T, std::size_t I>
inline constexpr std::string_view member_name{detail::member_text<T, I>::key.data() + 1,
                                              detail::member_text<T, I>::key.size() - 3};

/// `"name":`
template <aggregate T, std::size_t I>
inline constexpr std::string_view member_key{detail::member_text<T, I>::key.data(),
                                             detail::member_text<T, I>::key.size()};

/// The types of the members: detail::type_list<…>.
template <aggregate T>
using member_types = decltype(with_members(std::declval<T&>(), [](auto&... members) {
  return detail::type_list<std::remove_reference_t<decltype(members)>...>{};
}));

}  // namespace aster::json
