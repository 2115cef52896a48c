// Putting trees together: several nodes as one, one for each item of a range, one or none.
//
//   fragment(h2("Links"), p("All of them."))
//   ul(each(links, [](const link& l) { return li(l.title); }))
//   when(user, [](const auto& u) { return p("Hello ", u.name); })        // an optional, a pointer
//   when(count > 9, b("many"), span(count))                              // a condition, and otherwise
//
// `each` and `when` call their functions while the page is rendered, so a long list is never in memory as a
// tree. What their functions capture by reference must live until then; so must a range or an optional that
// has a name. One that is moved in is owned.
#pragma once
#include <concepts>
#include <type_traits>
#include <utility>

#include "aster/html/element.hpp"

namespace aster::html {

/// Parts without an element around them.
template <class... Parts>
struct fragment_of {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = (tag_set{} | ... | Parts::roots);
  static constexpr tag_set within = (tag_set{} | ... | Parts::within);
  static constexpr void lay(layout& l) { (Parts::lay(l), ...); }
  constexpr void write(cursor& c) const { parts.write(c); }
  parts_of<std::make_index_sequence<sizeof...(Parts)>, Parts...> parts;
};

template <class... Parts>
constexpr auto fragment(Parts&&... parts) {
  return fragment_of<decltype(to_part(static_cast<Parts&&>(parts)))...>{
      {{to_part(static_cast<Parts&&>(parts))}...}};
}

/// Something kept by a tree: what has a name is referred to, what is moved in is owned.
template <class T>
struct kept {
  constexpr const T& get() const { return value; }
  T value;
};
template <class T>
struct kept<T&> {
  constexpr T& get() const { return *value; }
  T* value;
};
template <class T>
constexpr kept<T> keep(std::remove_reference_t<T>& value) {
  if constexpr (std::is_lvalue_reference_v<T>) {
    return {&value};
  } else {
    return {std::move(value)};
  }
}

template <class Range, class Function>
struct each_part {
  using item = decltype(to_part(std::declval<const Function&>()(*std::declval<kept<Range>>().get().begin())));
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = item::roots;
  static constexpr tag_set within = item::within;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    for (auto&& value : range.get()) program<item>::run(to_part(function(value)), c.out);
  }
  kept<Range> range;
  Function function;
};

/// A node for each item of the range, in order.
template <class Range, class Function>
constexpr auto each(Range&& range, Function function) {
  return each_part<Range, Function>{keep<Range>(range), std::move(function)};
}

/// What `when` shows: a node, or a function that makes one of the value or of nothing.
template <class Condition, class Choice>
constexpr auto choose(const Condition& condition, const Choice& choice) {
  if constexpr (part<Choice> || text_like<const Choice&>) {
    return to_part(choice);
  } else if constexpr (requires { choice(*condition); }) {
    return to_part(choice(*condition));
  } else {
    return to_part(choice());
  }
}

struct nothing {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots{};
  static constexpr tag_set within{};
  static constexpr void lay(layout&) {}
  constexpr void write(cursor&) const {}
};

template <class Condition, class Then, class Otherwise>
struct when_part {
  using then_part = decltype(choose(std::declval<kept<Condition>>().get(), std::declval<const Then&>()));
  using otherwise_part = decltype(choose(false, std::declval<const Otherwise&>()));
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = then_part::roots | otherwise_part::roots;
  static constexpr tag_set within = then_part::within | otherwise_part::within;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    if (condition.get()) {
      program<then_part>::run(choose(condition.get(), then), c.out);
    } else {
      program<otherwise_part>::run(choose(false, otherwise), c.out);
    }
  }
  kept<Condition> condition;
  Then then;
  Otherwise otherwise;
};

/// `then` if the condition holds, else `otherwise`. Each is a node, a text, or a function that returns one,
/// called with what the condition points to where it points to something.
template <class Condition, class Then, class Otherwise = nothing>
constexpr auto when(Condition&& condition, Then then, Otherwise otherwise = {}) {
  // A bool is a value, wherever it came from.
  using held = std::conditional_t<std::is_scalar_v<std::remove_cvref_t<Condition>>,
                                  std::remove_cvref_t<Condition>, Condition>;
  std::remove_reference_t<held>& value = const_cast<std::remove_reference_t<held>&>(condition);
  if constexpr (std::is_scalar_v<std::remove_cvref_t<Condition>>) {
    return when_part<held, Then, Otherwise>{{value}, std::move(then), std::move(otherwise)};
  } else {
    return when_part<held, Then, Otherwise>{keep<held>(value), std::move(then), std::move(otherwise)};
  }
}

}  // namespace aster::html
