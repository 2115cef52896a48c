// Text and numbers as parts of a tree: what a string, a number or an optional becomes when it is put into an
// element.
//
// Lifetimes: the tree owns its strings. A std::string is moved in if it is moved, else copied; so a component
// may return a tree of what it has just made. Only what is a view by its type is looked at no sooner than the
// tree is rendered, and must live until then: literals, std::string_view, const char*. Where a copy is too
// much, as in a loop over long texts that outlive it, say so: `td(view(note.text))`.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "aster/html/program.hpp"
#include "aster/html/tag.hpp"

namespace aster::html {

/// What may be put into an element: an attribute, or something between the tags.
enum class part_kind : std::uint8_t { attribute, child };

template <class T>
concept part = requires {
  { std::remove_cvref_t<T>::kind } -> std::convertible_to<part_kind>;
};

/// Reads as a text: a literal, a string_view, a string, or a type that converts to a string_view.
template <class T>
concept text_like = std::convertible_to<T, std::string_view>;

/// The value of text: a view of what is a view already, else an owner.
template <class T>
constexpr auto keep_text(T&& value) {
  using plain = std::remove_cvref_t<T>;
  constexpr bool is_literal = std::is_array_v<plain> && std::is_const_v<std::remove_reference_t<T>>;
  if constexpr (is_literal || std::same_as<plain, std::string_view> || std::is_pointer_v<plain>) {
    return std::string_view(value);
  } else if constexpr (std::same_as<T, std::string>) {
    return std::string(std::move(value));
  } else {
    return std::string(std::string_view(value));
  }
}

/// A text that the tree does not own: it must live until the tree is rendered.
constexpr std::string_view view(std::string_view text) { return text; }

/// Characters between tags. `Text` is std::string_view or std::string.
template <class Text>
struct text_part {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots{tag::text};
  static constexpr tag_set within{tag::text};
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const { c.advance_text(characters); }
  Text characters;
};

/// A whole number. `Number` is std::int64_t or std::uint64_t.
template <class Number>
struct number_part {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots{tag::text};
  static constexpr tag_set within{tag::text};
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    if constexpr (std::is_signed_v<Number>) {
      c.advance_integer(value);
    } else {
      c.advance_natural(value);
    }
  }
  Number value;
};

/// A part that is there or not: of std::optional.
template <class Part>
struct optional_part {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = Part::roots;
  static constexpr tag_set within = Part::within;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    if (value) program<Part>::run(*value, c.out);
  }
  std::optional<Part> value;
};

/// Turns what was put into an element into a part of the tree.
template <class T>
constexpr auto to_part(T&& value) {
  using plain = std::remove_cvref_t<T>;
  if constexpr (part<plain>) {
    return plain(static_cast<T&&>(value));
  } else if constexpr (text_like<T>) {
    auto kept = keep_text(static_cast<T&&>(value));
    return text_part<decltype(kept)>{std::move(kept)};
  } else if constexpr (std::same_as<plain, bool>) {
    static_assert(!std::same_as<plain, bool>, "a bool is no text: write when(condition, \"yes\", \"no\")");
    return text_part<std::string_view>{};
  } else if constexpr (std::same_as<plain, char>) {
    return text_part<std::string>{std::string(1, value)};
  } else if constexpr (std::unsigned_integral<plain>) {
    return number_part<std::uint64_t>{value};
  } else if constexpr (std::integral<plain>) {
    return number_part<std::int64_t>{value};
  } else if constexpr (std::floating_point<plain>) {
    static_assert(!std::floating_point<plain>, "how many digits? write fixed<2>(value)");
    return text_part<std::string_view>{};
  } else if constexpr (requires {
                         value.has_value();
                         *value;
                       }) {
    using inner = decltype(to_part(*static_cast<T&&>(value)));
    if (!value.has_value()) return optional_part<inner>{};
    return optional_part<inner>{to_part(*static_cast<T&&>(value))};
  } else {
    static_assert(part<plain>, "neither text nor a number nor an element: nothing says how to show it");
    return text_part<std::string_view>{};
  }
}

}  // namespace aster::html
