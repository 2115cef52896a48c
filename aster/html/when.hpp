// One node or another, or none.
//
//   when(user, [](const auto& u) { return p("Hello ", u.name); })        // an optional, a pointer
//   when(count > 9, b("many"), span(count))                              // a condition, and otherwise
//   li(when(is_here, _aria("current") = "page"), "Home")                 // an attribute that is there or not
//
// Functions are called while the page is rendered, and only the one that is needed. What they capture by
// reference must live until then; so must an optional that has a name. One that is moved in is owned.
#pragma once
#include <type_traits>
#include <utility>

#include "aster/html/attribute_name.hpp"
#include "aster/html/kept.hpp"

namespace aster::html {

/// What `when` shows when there is nothing else to show.
struct nothing {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots{};
  static constexpr tag_set within{};
  static constexpr void lay(layout&) {}
  constexpr void write(cursor&) const {}
};

/// What `when` was given to show: a function is kept to be called, all else becomes a part now.
template <class Condition, class T>
constexpr auto keep_choice(T&& choice, text_owner& owner) {
  if constexpr (requires(Condition& condition) { choice(*condition); } || requires { choice(); }) {
    return std::remove_cvref_t<T>(static_cast<T&&>(choice));
  } else {
    return to_part(static_cast<T&&>(choice), owner);
  }
}
template <class Condition, class Choice>
constexpr decltype(auto) make_choice(Condition& condition, const Choice& choice) {
  if constexpr (part<Choice>) {
    return (choice);
  } else if constexpr (requires { choice(*condition); }) {
    return choice(*condition);
  } else {
    return choice();
  }
}

template <class Condition, class Then, class Otherwise>
struct when_part {
  using value = std::remove_reference_t<decltype(std::declval<const kept<Condition>&>().get())>;
  using then_part = part_of<decltype(make_choice(std::declval<value&>(), std::declval<const Then&>()))>;
  using otherwise_part =
      part_of<decltype(make_choice(std::declval<value&>(), std::declval<const Otherwise&>()))>;
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = then_part::roots | otherwise_part::roots;
  static constexpr tag_set within = then_part::within | otherwise_part::within;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    if (condition.get()) {
      show(c.out, make_choice(condition.get(), then));
    } else {
      show(c.out, make_choice(condition.get(), otherwise));
    }
  }
  kept<Condition> condition;
  Then then;
  Otherwise otherwise;
};

/// An attribute that is there or not, or has one of two values.
template <class Then, class Otherwise>
struct when_attribute {
  static constexpr part_kind kind = part_kind::attribute;
  static constexpr at name = Then::name;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    if (condition) {
      program<Then>::run(then, c.out);
    } else {
      program<Otherwise>::run(otherwise, c.out);
    }
  }
  bool condition;
  Then then;
  Otherwise otherwise;
};

template <class T>
concept attribute_part = part<T> && std::remove_cvref_t<T>::kind == part_kind::attribute;

/// `then` if the condition holds, else `otherwise`. Each is a node, a text, a number, or a function that
/// returns one, called with what the condition points to where it points to something: an optional, a
/// pointer.
template <class Condition, class Then, class Otherwise = nothing>
constexpr auto when(Condition&& condition, Then&& then, Otherwise&& otherwise = {}) {
  static_assert(requires { condition ? 1 : 0; }, "a condition is a bool, a pointer, or like std::optional");
  using plain = std::remove_cvref_t<Condition>;
  // A bool or a pointer is a value, wherever it came from.
  using held = std::conditional_t<std::is_scalar_v<plain> || !std::is_lvalue_reference_v<Condition>, plain,
                                  const plain&>;
  return own_texts < needs_owner<Then>() ||
         needs_owner<Otherwise>() > ([&](text_owner& owner) {
           auto first = keep_choice<plain>(static_cast<Then&&>(then), owner);
           auto second = keep_choice<plain>(static_cast<Otherwise&&>(otherwise), owner);
           using made = when_part<held, decltype(first), decltype(second)>;
           if constexpr (std::is_scalar_v<plain>) {
             return made{{condition}, std::move(first), std::move(second)};
           } else {
             return made{keep<held>(condition), std::move(first), std::move(second)};
           }
         });
}

/// The same for an attribute: `when(is_open, _class = "open")`, or one value and another of the same
/// attribute.
template <class Condition, attribute_part Then, class Otherwise = nothing>
constexpr auto when(Condition&& condition, Then&& then, Otherwise&& otherwise = {}) {
  using first = part_of<Then>;
  using second = part_of<Otherwise>;
  if constexpr (attribute_part<second>)
    static_assert(first::name == second::name,
                  "one attribute with one value or another: both are the same one");
  return own_texts < needs_owner<Then>() ||
         needs_owner<Otherwise>() > ([&](text_owner& owner) {
           return when_attribute<first, second>{static_cast<bool>(condition),
                                                to_part(static_cast<Then&&>(then), owner),
                                                to_part(static_cast<Otherwise&&>(otherwise), owner)};
         });
}

}  // namespace aster::html
