// Values that stand in a path, a query or a form: how each type is read from text and written as text.
//
//   struct colour {
//     static std::optional<colour> parse(std::string_view text);
//     std::string text() const;
//   };
//   constexpr web::route<"/paint/{with}", colour> paint;      // a type of your own is a capture
//
// A text that `parse` refuses is no match, so the handler sees good values only. Of a parameter the client is
// told so; `static constexpr std::string_view expected = "a colour"` lets it know what it should be, too.
#pragma once
#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "aster/json/enumeration.hpp"

namespace aster::web {

/// How a T is read and written; specialise it for a type that cannot have `parse` and `text` as members.
template <class T>
struct value;

template <class T>
concept self_describing = requires(std::string_view in, const T& v) {
  { T::parse(in) } -> std::same_as<std::optional<T>>;
  { v.text() } -> std::convertible_to<std::string_view>;
};

namespace detail {

template <class T>
struct expected_of {};
template <class T>
  requires requires { std::string_view{T::expected}; }
struct expected_of<T> {
  static constexpr std::string_view expected = T::expected;
};

template <std::integral T>
consteval std::string_view expected_number() {
  if constexpr (sizeof(T) == 1)
    return std::is_signed_v<T> ? "a whole number from -128 to 127" : "a whole number from 0 to 255";
  else if constexpr (sizeof(T) == 2)
    return std::is_signed_v<T> ? "a whole number from -32768 to 32767" : "a whole number from 0 to 65535";
  else
    return std::is_signed_v<T> ? "a whole number" : "a whole number, 0 or more";
}

/// "one of red, green, blue", made by the compiler.
template <aster::json::enumeration T>
inline constexpr auto expected_name = [] {
  static constexpr std::string_view start = "one of ", between = ", ";
  constexpr std::size_t size = [] {
    std::size_t n = start.size();
    aster::json::each_name<T>([&](std::string_view name) { n += name.size() + between.size(); });
    return n - between.size();
  }();
  std::array<char, size> text{};
  std::size_t at = 0;
  const auto add = [&](std::string_view part) {
    for (const char c : part)
      if (at < size) text[at++] = c;
  };
  add(start);
  aster::json::each_name<T>([&](std::string_view name) {
    add(name);
    add(between);
  });
  return text;
}();

}  // namespace detail

template <self_describing T>
struct value<T> : detail::expected_of<T> {
  static std::optional<T> parse(std::string_view text) { return T::parse(text); }
  static void append(std::string& to, const T& v) { to += std::string_view{v.text()}; }
};

/// Decimal, without a plus sign or zeros in front, so that there is one text for one number.
template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>)
struct value<T> {
  static constexpr std::string_view expected = detail::expected_number<T>();
  static std::optional<T> parse(std::string_view text) {
    T result{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.starts_with('0') && text != "0") return std::nullopt;
    return result;
  }
  static void append(std::string& to, T v) {
    char digits[24];
    to.append(digits, std::to_chars(digits, digits + sizeof digits, v).ptr);
  }
};

template <>
struct value<bool> {
  static constexpr std::string_view expected = "true or false";
  /// As forms say it: "on" of a checked box, "true", "1".
  static std::optional<bool> parse(std::string_view text) {
    if (text == "true" || text == "on" || text == "1") return true;
    if (text == "false" || text == "off" || text == "0") return false;
    return std::nullopt;
  }
  static void append(std::string& to, bool v) { to += v ? "true" : "false"; }
};

/// An enum class by the names of its values, see aster/json/enumeration.hpp.
template <aster::json::enumeration T>
struct value<T> {
  static constexpr std::string_view expected{detail::expected_name<T>.data(),
                                             detail::expected_name<T>.size()};
  static std::optional<T> parse(std::string_view text) { return aster::json::value_named<T>(text); }
  static void append(std::string& to, T v) { to += aster::json::name_of(v); }
};

template <>
struct value<std::string> {
  static std::optional<std::string> parse(std::string_view text) { return std::string{text}; }
  static void append(std::string& to, std::string_view v) { to += v; }
};

/// A view into the request, which lives until the handler returns.
template <>
struct value<std::string_view> {
  static std::optional<std::string_view> parse(std::string_view text) { return text; }
  static void append(std::string& to, std::string_view v) { to += v; }
};

/// Letters, digits, '-' and '_': what needs no encoding and can be read aloud. One to 128 of them.
class slug {
 public:
  static constexpr std::string_view expected = "1 to 128 letters, digits, '-' and '_'";
  /// A literal that is no slug does not compile.
  template <std::size_t Size>
  consteval slug(const char (&text)[Size]) : literal_(text, Size - 1) {
    if (!is_slug(literal_)) throw "a slug has 1 to 128 letters, digits, '-' and '_'";
  }
  static std::optional<slug> parse(std::string_view text) {
    if (!is_slug(text)) return std::nullopt;
    return slug{std::string{text}};
  }
  /// Of a text that the program knows to be one, such as an id of its own making. Throws
  /// std::invalid_argument when it is none.
  static slug of(std::string_view text) {
    if (!is_slug(text)) throw std::invalid_argument{"no slug: " + std::string{text.substr(0, 128)}};
    return slug{std::string{text}};
  }
  static constexpr bool is_slug(std::string_view text) {
    for (const char c : text)
      if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
            c == '_'))
        return false;
    return !text.empty() && text.size() <= 128;
  }

  constexpr std::string_view text() const { return literal_.empty() ? std::string_view{owned_} : literal_; }
  operator std::string_view() const { return text(); }
  bool operator==(const slug& other) const { return text() == other.text(); }

 private:
  explicit slug(std::string text) : owned_(std::move(text)) {}
  std::string owned_;
  std::string_view literal_;  // when it was made of a literal
};

/// 128 bits, written as RFC 9562 §4 has it; read in either case.
class uuid {
 public:
  static constexpr std::string_view expected = "a UUID";
  static std::optional<uuid> parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    uuid result;
    for (std::size_t i = 0, nibble = 0; i < 36; ++i) {
      if (i == 8 || i == 13 || i == 18 || i == 23) {
        if (text[i] != '-') return std::nullopt;
        continue;
      }
      const char c = text[i];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return std::nullopt;
      std::uint64_t& half = nibble < 16 ? result.high : result.low;
      half = half << 4 | static_cast<std::uint64_t>(digit);
      ++nibble;
    }
    return result;
  }
  std::string text() const {
    std::string result;
    for (std::size_t nibble = 0; nibble < 32; ++nibble) {
      if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) result += '-';
      result += "0123456789abcdef"[(nibble < 16 ? high : low) >> (60 - nibble % 16 * 4) & 15];
    }
    return result;
  }
  bool operator==(const uuid&) const = default;

  std::uint64_t high = 0, low = 0;
};

template <class T>
concept textual = requires(std::string_view in, std::string& out, const T& v) {
  { value<T>::parse(in) } -> std::same_as<std::optional<T>>;
  value<T>::append(out, v);
};

}  // namespace aster::web
