// The names of an enumeration's values, as its definition has them.
//
//   enum class colour { red, green, blue_ };
//
//   json::name_of(colour::green)              "green"
//   json::value_named<colour>("red")          colour::red
//
// For an `enum class` whose values lie from 0 to 63. As with members, a '_' at the end is not part of a name.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace aster::json {

template <class T>
concept enumeration = std::is_scoped_enum_v<T>;

namespace detail {

inline constexpr std::size_t most_enumerators = 64;

template <class T, T... Values>
consteval std::string_view printed_values() {
  return __PRETTY_FUNCTION__;  // …[T = colour, Values = <colour::red, colour::green, (colour)2, …>]
}

struct enumerator {
  std::size_t value = 0;
  std::size_t at = 0, size = 0;  // in the text of all names
};

/// Everything printed of T: names, one behind the other.
template <class T>
struct enumerators {
  static constexpr std::string_view printed = [] {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      std::string_view text = printed_values<T, static_cast<T>(I)...>();
      text.remove_prefix(text.rfind('<') + 1);
      text.remove_suffix(2);
      return text;
    }(std::make_index_sequence<most_enumerators>{});
  }();

  /// Calls `use(value, name)` for each that has a name.
  template <class Use>
  static constexpr void each_printed(Use use) {
    std::string_view rest = printed;
    for (std::size_t value = 0; value < most_enumerators; ++value) {
      const std::size_t end = rest.find(", ");
      std::string_view one = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
      one.remove_prefix(one.rfind(':') + 1);
      if (one.contains(')')) continue;  // a number, cast
      if (one.ends_with('_')) one.remove_suffix(1);
      use(value, one);
    }
  }

  static constexpr std::size_t count = [] {
    std::size_t n = 0;
    each_printed([&](std::size_t, std::string_view) { ++n; });
    return n;
  }();
  static constexpr std::size_t letters = [] {
    std::size_t n = 0;
    each_printed([&](std::size_t, std::string_view name) { n += name.size(); });
    return n;
  }();
  static constexpr auto text = [] {
    std::array<char, letters + 1> all{};
    std::size_t at = 0;
    each_printed([&](std::size_t, std::string_view name) {
      for (const char c : name) all[at++] = c;
    });
    return all;
  }();
  static constexpr auto list = [] {
    std::array<enumerator, count> all{};
    std::size_t i = 0, at = 0;
    each_printed([&](std::size_t value, std::string_view name) {
      all[i++] = {value, at, name.size()};
      at += name.size();
    });
    return all;
  }();
  static constexpr std::string_view name(const enumerator& e) { return {text.data() + e.at, e.size}; }
};

}  // namespace detail

/// The name of a value; empty for one that has none.
template <enumeration T>
constexpr std::string_view name_of(T value) {
  using all = detail::enumerators<T>;
  for (const detail::enumerator& e : all::list)
    if (static_cast<T>(e.value) == value) return all::name(e);
  return {};
}

template <enumeration T>
constexpr std::optional<T> value_named(std::string_view name) {
  using all = detail::enumerators<T>;
  for (const detail::enumerator& e : all::list)
    if (all::name(e) == name) return static_cast<T>(e.value);
  return std::nullopt;
}

/// Calls `use(name)` for each name, in the order of their values.
template <enumeration T, class Use>
constexpr void each_name(Use use) {
  using all = detail::enumerators<T>;
  for (const detail::enumerator& e : all::list) use(all::name(e));
}

}  // namespace aster::json
