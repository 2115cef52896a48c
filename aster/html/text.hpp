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

#include "aster/html/owning.hpp"
#include "aster/html/program.hpp"
#include "aster/html/tag.hpp"

namespace aster::html {

template <class T>
concept part = requires {
  { std::remove_cvref_t<T>::kind } -> std::convertible_to<part_kind>;
};

/// Reads as a text: a literal, a string_view, a string, or a type that converts to a string_view.
template <class T>
concept text_like = std::convertible_to<T, std::string_view>;

/// A text that is a view by its type: a literal, a string_view, a pointer.
template <class T>
concept view_like =
    text_like<T> &&
    (std::same_as<std::remove_cvref_t<T>, std::string_view> || std::is_pointer_v<std::remove_cvref_t<T>> ||
     (std::is_array_v<std::remove_cvref_t<T>> && std::is_const_v<std::remove_reference_t<T>>));

template <class T>
concept optional_like = !text_like<T> && requires(T value) {
  value.has_value();
  *value;
};

/// Whether the tree has to own something of what was put into it.
template <class T>
consteval bool needs_owner() {
  if constexpr (part<T>) {
    return owning_part<T>;
  } else if constexpr (text_like<T>) {
    return !view_like<T>;
  } else if constexpr (optional_like<T>) {
    return needs_owner<decltype(*std::declval<T>())>();
  } else {
    return false;
  }
}

/// The text itself if it is a view, else a copy with the owner.
template <text_like T>
constexpr std::string_view keep_text(T&& text, text_owner& owner) {
  return view_like<T> ? std::string_view(text) : owner.keep(std::string_view(text));
}

/// A text that the tree does not own: it must live until the tree is rendered.
constexpr std::string_view view(std::string_view text) { return text; }

/// Characters between tags.
struct text_part {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots{tag::text};
  static constexpr tag_set within{tag::text};
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const { c.advance_text(characters); }
  std::string_view characters;
};

struct character_part {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots{tag::text};
  static constexpr tag_set within{tag::text};
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const { c.advance_text({&character, 1}); }
  char character;
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

/// Turns what was put into an element into a part of the tree, which looks at texts that `owner` keeps.
template <class T>
constexpr auto to_part(T&& value, text_owner& owner) {
  using plain = std::remove_cvref_t<T>;
  if constexpr (owning_part<plain>) {
    static_assert(!std::is_lvalue_reference_v<T>,
                  "a tree that owns its texts is moved, not copied: std::move(tree)");
    owner.take(std::move(value.owner));
    return std::move(value.part);
  } else if constexpr (part<plain>) {
    return plain(static_cast<T&&>(value));
  } else if constexpr (text_like<T>) {
    return text_part{keep_text(static_cast<T&&>(value), owner)};
  } else if constexpr (std::same_as<plain, bool>) {
    static_assert(!std::same_as<plain, bool>, "a bool is no text: write when(condition, \"yes\", \"no\")");
    return text_part{};
  } else if constexpr (std::same_as<plain, char>) {
    return character_part{value};
  } else if constexpr (std::unsigned_integral<plain>) {
    return number_part<std::uint64_t>{value};
  } else if constexpr (std::integral<plain>) {
    return number_part<std::int64_t>{value};
  } else if constexpr (std::floating_point<plain>) {
    static_assert(!std::floating_point<plain>, "how many digits? write fixed<2>(value)");
    return text_part{};
  } else if constexpr (optional_like<T>) {
    using inner = decltype(to_part(*static_cast<T&&>(value), owner));
    if (!value.has_value()) return optional_part<inner>{};
    return optional_part<inner>{to_part(*static_cast<T&&>(value), owner)};
  } else {
    static_assert(part<plain>, "neither text nor a number nor an element: nothing says how to show it");
    return text_part{};
  }
}
template <class T>
using part_of = decltype(to_part(std::declval<T>(), std::declval<text_owner&>()));

}  // namespace aster::html
