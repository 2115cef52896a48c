// Writes values as JSON (RFC 8259): one pass, no tree in between. Names of members are constants that the
// compiler has quoted.
//
//   struct link { std::string id; int clicks; std::optional<std::string> note; };
//
//   json::write(link{"xvw", 3, {}})            {"id":"xvw","clicks":3}
//
//   bool                                       true, false
//   integers, float, double                    numbers; what is not finite is null
//   std::string, std::string_view, literals    strings; what is not UTF-8 in them becomes U+FFFD
//   enum class                                 its name as a string, see enumeration.hpp
//   a type with `parse` and `text()`           its text as a string
//   std::optional                              the value; empty it is left out of an object, and null
//   elsewhere maps by strings or integers                objects other ranges lists aggregates objects, see
//   aggregate.hpp json::raw                                  its text, as it is a type with
//   `append_json(std::string&, const T&)` beside it: what that writes
#pragma once
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "aster/json/kind.hpp"

namespace aster::json {

/// Appends a string with its quotes.
void append_string(std::string& to, std::string_view text);

/// Appends the shortest number that reads back as the same; null for what is not finite.
void append_number(std::string& to, double number);
void append_number(std::string& to, float number);

template <class T>
void append(std::string& to, const T& value);

/// The text of one value.
template <class T>
std::string write(const T& value);

namespace detail {

template <class T>
concept customised = requires(std::string& to, const T& value) { append_json(to, value); };

/// Room for the keys, and some for each value: memory is mostly asked for once.
template <class T>
consteval std::size_t likely_size() {
  if constexpr (plain_aggregate<T> && !customised<T>)
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return (std::size_t{2} + ... + (member_key<T, I>.size() + 20));
    }(std::make_index_sequence<member_count<T>>{});
  else
    return 0;
}

template <whole T>
void append_whole(std::string& to, T value) {
  std::array<char, 24> digits;
  to.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

/// Ends what was written as elements with a comma behind each.
inline void close(std::string& to, char with) {
  if (to.back() == ',')
    to.back() = with;
  else
    to += with;
}

template <class T>
bool is_left_out(const T& value) {
  if constexpr (is_optional<T>)
    return !value.has_value();
  else
    return false;
}

template <class T, class M>
void append_member(std::string& to, std::string_view key, const M& value) {
  if (is_left_out(value)) return;
  to += key;
  append(to, value);
  to += ',';
}

template <map T>
void append_map(std::string& to, const T& map) {
  using key = typename T::key_type;
  to += '{';
  for (const auto& [name, value] : map) {
    if constexpr (stringlike<key>) {
      append_string(to, name);
    } else if constexpr (self_describing<key>) {
      append_string(to, name.text());
    } else if constexpr (enumeration<key>) {
      append_string(to, name_of(name));
    } else {
      static_assert(whole<key>, "the keys of a JSON object are strings: this map has others");
      to += '"';
      append_whole(to, name);
      to += '"';
    }
    to += ':';
    append(to, value);
    to += ',';
  }
  close(to, '}');
}

}  // namespace detail

template <class T>
void append(std::string& to, const T& value) {
  if constexpr (detail::customised<T>) {
    append_json(to, value);
  } else if constexpr (std::is_same_v<T, raw>) {
    to += value.text;
  } else if constexpr (detail::is_optional<T>) {
    if (value)
      append(to, *value);
    else
      to += "null";
  } else if constexpr (std::is_same_v<T, bool>) {
    to += value ? "true" : "false";
  } else if constexpr (detail::whole<T>) {
    detail::append_whole(to, value);
  } else if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
    append_number(to, value);
  } else if constexpr (enumeration<T>) {
    append_string(to, name_of(value));
  } else if constexpr (detail::stringlike<T>) {
    append_string(to, value);
  } else if constexpr (self_describing<T>) {
    append_string(to, value.text());
  } else if constexpr (detail::map<T>) {
    detail::append_map(to, value);
  } else if constexpr (std::ranges::range<const T>) {
    to += '[';
    for (const auto& element : value) {
      append<std::ranges::range_value_t<const T>>(to, element);
      to += ',';
    }
    detail::close(to, ']');
  } else if constexpr (aggregate<T>) {
    to += '{';
    with_members(value, [&](const auto&... members) {
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        (detail::append_member<T>(to, member_key<T, I>, members), ...);
      }(std::make_index_sequence<sizeof...(members)>{});
    });
    detail::close(to, '}');
  } else {
    static_assert(detail::is_json<T>,
                  "this type has no JSON: see aster/json/write.hpp for those that have, or give it an "
                  "append_json(std::string&, const T&) of its own");
  }
}

template <class T>
std::string write(const T& value) {
  std::string text;
  text.reserve(detail::likely_size<T>());
  append(text, value);
  return text;
}

}  // namespace aster::json
