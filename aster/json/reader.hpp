// How values of a type are read, as a table: what the type takes, and functions that put it there. The one
// parser goes by such tables, so that a program with fifty types has fifty tables and not fifty parsers.
#pragma once
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "aster/json/kind.hpp"

namespace aster::json::detail {

enum class shape : std::uint8_t { boolean, whole, number, text, raw, optional, list, map, object };

/// What came of putting a value into its place.
enum class outcome : std::uint8_t {
  taken,
  unfit,  // not of what the type takes
  range,  // a number too large or too small
  twice,  // a key that is there already
  full,   // an element too many
};

struct reader;

struct member {
  std::string_view name;
  void* (*at)(void* object);
  const reader* how;
};

struct reader {
  json::detail::shape shape;
  /// Bytes of one value.
  std::size_t size = 0;
  /// What it should be, for messages: "a string". Or `describe` says it, where that is longer.
  std::string_view wanted{};
  void (*describe)(std::string& to) = nullptr;

  outcome (*boolean)(void* to, bool value) = nullptr;
  /// A whole number: its sign and its magnitude.
  outcome (*whole)(void* to, bool negative, std::uint64_t magnitude) = nullptr;
  outcome (*number)(void* to, double value) = nullptr;
  outcome (*text)(void* to, std::string& value) = nullptr;

  /// shape::optional: makes a value, to be read by `element`, which is at the address returned.
  void* (*engage)(void* to) = nullptr;
  void (*disengage)(void* to) = nullptr;
  /// shape::list and shape::map: removes what the type has by default.
  void (*clear)(void* to) = nullptr;
  /// shape::list: adds an element; null when there is place for no more.
  void* (*add)(void* to, std::size_t index) = nullptr;
  /// shape::list: how many elements it has to have, if that is fixed.
  std::size_t fixed_size = 0;
  /// shape::map: adds an element under the key.
  outcome (*insert)(void* to, std::string_view key, void*& element) = nullptr;
  const reader* element = nullptr;

  /// shape::object.
  std::span<const member> members{};
};

template <class T>
struct reader_for;

template <class T>
T& as(void* to) {
  return *static_cast<T*>(to);
}

template <>
struct reader_for<bool> {
  static constexpr reader value{.shape = shape::boolean,
                                .size = sizeof(bool),
                                .wanted = "true or false",
                                .boolean = [](void* to, bool v) {
                                  as<bool>(to) = v;
                                  return outcome::taken;
                                }};
};

template <whole T>
struct reader_for<T> {
  static outcome take(void* to, bool negative, std::uint64_t magnitude) {
    if (negative) {
      constexpr auto most = std::is_signed_v<T> ? std::uint64_t{std::numeric_limits<T>::max()} + 1 : 0;
      if (magnitude > most) return outcome::range;
      as<T>(to) = static_cast<T>(0 - magnitude);
    } else {
      if (magnitude > std::uint64_t{std::numeric_limits<T>::max()}) return outcome::range;
      as<T>(to) = static_cast<T>(magnitude);
    }
    return outcome::taken;
  }
  static void describe(std::string& to) {
    std::array<char, 24> digits;
    const auto add = [&](T v) {
      to.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), v).ptr);
    };
    to += "a whole number";
    if constexpr (sizeof(T) < 4 || !std::is_signed_v<T>) {
      to += " from ";
      add(std::numeric_limits<T>::min());
      to += " to ";
      add(std::numeric_limits<T>::max());
    }
  }
  static constexpr reader value{
      .shape = shape::whole, .size = sizeof(T), .describe = &describe, .whole = &take};
};

template <std::floating_point T>
struct reader_for<T> {
  static outcome take_whole(void* to, bool negative, std::uint64_t magnitude) {
    as<T>(to) = negative ? -static_cast<T>(magnitude) : static_cast<T>(magnitude);
    return outcome::taken;
  }
  static outcome take(void* to, double v) {
    if constexpr (sizeof(T) < sizeof(double))
      if (v > double{std::numeric_limits<T>::max()} || v < double{std::numeric_limits<T>::lowest()})
        return outcome::range;
    as<T>(to) = static_cast<T>(v);
    return outcome::taken;
  }
  static constexpr reader value{
      .shape = shape::number, .size = sizeof(T), .wanted = "a number", .whole = &take_whole, .number = &take};
};

template <>
struct reader_for<std::string> {
  static constexpr reader value{.shape = shape::text,
                                .size = sizeof(std::string),
                                .wanted = "a string",
                                .text = [](void* to, std::string& v) {
                                  as<std::string>(to) = std::move(v);
                                  return outcome::taken;
                                }};
};

template <enumeration T>
struct reader_for<T> {
  static outcome take(void* to, std::string& text) {
    const std::optional<T> found = value_named<T>(text);
    if (!found) return outcome::unfit;
    as<T>(to) = *found;
    return outcome::taken;
  }
  static void describe(std::string& to) {
    std::string_view before = "one of ";
    each_name<T>([&](std::string_view name) {
      to.append(before).append("\"").append(name).append("\"");
      before = ", ";
    });
  }
  static constexpr reader value{
      .shape = shape::text, .size = sizeof(T), .describe = &describe, .text = &take};
};

template <self_describing T>
struct reader_for<T> {
  static outcome take(void* to, std::string& text) {
    std::optional<T> found = T::parse(text);
    if (!found) return outcome::unfit;
    as<T>(to) = std::move(*found);
    return outcome::taken;
  }
  static constexpr reader value{.shape = shape::text, .size = sizeof(T), .wanted = "a string", .text = &take};
};

template <>
struct reader_for<raw> {
  static constexpr reader value{.shape = shape::raw, .size = sizeof(raw)};
};

template <class T>
struct reader_for<std::optional<T>> {
  static_assert(!is_optional<T>, "an optional of an optional has one null too many");
  static constexpr reader value{
      .shape = shape::optional,
      .size = sizeof(std::optional<T>),
      .engage = [](void* to) -> void* { return &as<std::optional<T>>(to).emplace(); },
      .disengage = [](void* to) { as<std::optional<T>>(to).reset(); },
      .element = &reader_for<T>::value,
  };
};

/// One that cannot be made without its text.
template <self_describing T>
  requires(!std::is_default_constructible_v<T>)
struct reader_for<std::optional<T>> {
  static outcome take(void* to, std::string& text) {
    auto& place = as<std::optional<T>>(to);
    place = T::parse(text);
    return place ? outcome::taken : outcome::unfit;
  }
  static constexpr reader value{
      .shape = shape::optional,
      .size = sizeof(std::optional<T>),
      .wanted = "a string",
      .text = &take,
      .disengage = [](void* to) { as<std::optional<T>>(to).reset(); },
  };
};

template <class T>
concept growing_list = std::ranges::range<T> && !stringlike<T> && !map<T> && requires(T& list) {
  { list.emplace_back() } -> std::same_as<typename T::value_type&>;
};

template <growing_list T>
struct reader_for<T> {
  static constexpr reader value{
      .shape = shape::list,
      .size = sizeof(T),
      .wanted = "a list",
      .clear = [](void* to) { as<T>(to).clear(); },
      .add = [](void* to, std::size_t) -> void* { return &as<T>(to).emplace_back(); },
      .element = &reader_for<typename T::value_type>::value,
  };
};

template <class T, std::size_t Size>
struct reader_for<std::array<T, Size>> {
  static constexpr reader value{
      .shape = shape::list,
      .size = sizeof(std::array<T, Size>),
      .wanted = "a list",
      .add = [](void* to, std::size_t i) -> void* {
        return i < Size ? &as<std::array<T, Size>>(to)[i] : nullptr;
      },
      .fixed_size = Size,
      .element = &reader_for<T>::value,
  };
};

template <map T>
struct reader_for<T> {
  using key = typename T::key_type;
  static std::optional<key> read_key(std::string_view text) {
    if constexpr (std::is_same_v<key, std::string>) {
      return std::string{text};
    } else if constexpr (self_describing<key>) {
      return key::parse(text);
    } else if constexpr (enumeration<key>) {
      return value_named<key>(text);
    } else {
      static_assert(whole<key>, "the keys of a JSON object are strings: this map has others");
      key number{};
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
      return number;
    }
  }
  static outcome insert(void* to, std::string_view text, void*& element) {
    std::optional<key> name = read_key(text);
    if (!name) return outcome::unfit;
    const auto [at, is_new] = as<T>(to).try_emplace(std::move(*name));
    if (!is_new) return outcome::twice;
    element = &at->second;
    return outcome::taken;
  }
  static constexpr reader value{
      .shape = shape::map,
      .size = sizeof(typename T::value_type) + 32,  // and its node
      .wanted = "an object",
      .clear = [](void* to) { as<T>(to).clear(); },
      .insert = &insert,
      .element = &reader_for<typename T::mapped_type>::value,
  };
};

template <class T, std::size_t I>
void* member_at(void* object) {
  return with_members(as<T>(object), [](auto&... members) -> void* {
    const std::array<void*, sizeof...(members)> all{&members...};
    return all[I];
  });
}

template <class T, class Types, class Indices>
struct member_table;
template <class T, class... Types, std::size_t... I>
struct member_table<T, type_list<Types...>, std::index_sequence<I...>> {
  static constexpr std::array<member, sizeof...(Types)> value{
      member{member_name<T, I>, &member_at<T, I>, &reader_for<Types>::value}...};
};

template <plain_aggregate T>
struct reader_for<T> {
  static_assert(std::is_default_constructible_v<T>,
                "an aggregate is read from JSON into one made without arguments, T{}: a member of this one "
                "cannot be made without (as std::optional it can)");
  static constexpr reader value{
      .shape = shape::object,
      .size = sizeof(T),
      .wanted = "an object",
      .members = member_table<T, member_types<T>, std::make_index_sequence<member_count<T>>>::value,
  };
};

template <class T>
struct reader_for {
  static_assert(is_json<T>,
                "this type cannot be read from JSON: see aster/json/read.hpp for those that can (a view "
                "would have nothing to refer to)");
};

}  // namespace aster::json::detail
