// Which JSON a C++ type is, for the writer and the reader alike.
#pragma once
#include <concepts>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

#include "aster/json/aggregate.hpp"
#include "aster/json/enumeration.hpp"

namespace aster::json {

/// A value as text that is JSON already, or is kept as it came: it is neither escaped nor looked into.
struct raw {
  std::string text;
  bool operator==(const raw&) const = default;
};

/// A type of one's own that is a string in JSON: `static std::optional<T> T::parse(std::string_view)` and
/// `text()`, the same that captures of routes and fields of forms have.
template <class T>
concept self_describing = requires(std::string_view in, const T& v) {
  { T::parse(in) } -> std::same_as<std::optional<T>>;
  { v.text() } -> std::convertible_to<std::string_view>;
};

namespace detail {

template <class T>
concept whole =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T>
concept stringlike = std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::nullptr_t>;

template <class T>
concept map = std::ranges::range<const T> && requires {
  typename T::key_type;
  typename T::mapped_type;
};

template <class T>
concept plain_aggregate =
    aggregate<T> && !self_describing<T> && !std::ranges::range<T> && !stringlike<T> && !std::same_as<T, raw>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_json = false;  // stands in the compiler's message: its argument says which type

}  // namespace detail
}  // namespace aster::json
