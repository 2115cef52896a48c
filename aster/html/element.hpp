// An element: its name, which the type knows, and what was put into it.
//
// `make<tag::p>(...)` is what every function in elements.hpp calls. It asks judge (verdict.hpp) whether the
// standard allows the element with these parts, and if not, stops the compiler with a sentence that says why.
#pragma once
#include <cstddef>
#include <utility>

#include "aster/html/attribute.hpp"
#include "aster/html/program.hpp"
#include "aster/html/refusal.hpp"
#include "aster/html/text.hpp"
#include "aster/html/verdict.hpp"

namespace aster::html {

// Values beside each other in one object: a tuple without the weight of one.
template <std::size_t Index, class Part>
struct slot {
  [[no_unique_address]] Part part;
};
template <class Indices, class... Parts>
struct parts_of;
template <std::size_t... Index, class... Parts>
struct parts_of<std::index_sequence<Index...>, Parts...> : slot<Index, Parts>... {
  constexpr void write(cursor& c) const { (this->slot<Index, Parts>::part.write(c), ...); }
};

/// A parser drops the end of a line at the beginning of these (13.2.6.4.7), so they get one to drop.
constexpr bool drops_a_line(tag t) { return t == tag::pre || t == tag::textarea; }

template <tag Tag, class Part>
constexpr void lay_part(layout& l, bool& is_open) {
  if constexpr (Part::kind == part_kind::child) {
    if (is_open) l.constant(drops_a_line(Tag) ? ">\n" : ">");
    is_open = false;
  }
  Part::lay(l);
}

template <tag Tag, class... Parts>
struct [[nodiscard]] element {
  static constexpr part_kind kind = part_kind::child;
  static constexpr part_shape shapes[] = {shape_of<Parts>()..., {}};
  static constexpr part_shape shape = shape_with(Tag, shapes, sizeof...(Parts));
  static constexpr tag_set roots = shape.roots;
  static constexpr tag_set within = shape.within;

  static consteval verdict judged() { return judge(Tag, shapes, sizeof...(Parts)); }

  static constexpr void lay(layout& l) {
    if (Tag == tag::html) l.constant("<!DOCTYPE html>\n");
    l.constant("<");
    l.constant(name_of(Tag));
    bool is_open = true;
    (lay_part<Tag, Parts>(l, is_open), ...);
    if (is_open && is_foreign(Tag)) return l.constant("/>");
    if (is_open) l.constant(">");
    if (is_void(Tag)) return;
    l.constant("</");
    l.constant(name_of(Tag));
    l.constant(">");
  }
  constexpr void write(cursor& c) const { parts.write(c); }

  parts_of<std::make_index_sequence<sizeof...(Parts)>, Parts...> parts;
};

/// Makes the element, or stops the compiler.
template <tag Tag, class... Parts>
constexpr auto make(Parts&&... parts) {
  using made = element<Tag, part_of<Parts>...>;
  constexpr verdict found = made::judged();
  if constexpr (found.fault != attribute_fault::none) refuse_attribute<Tag, found.attribute, found.fault>();
  if constexpr (found.why != reason::none) refuse_child<found.child, Tag, found.why>();
  return own_texts<(needs_owner<Parts>() || ...)>(
      [&](text_owner& owner) { return made{{{to_part(static_cast<Parts&&>(parts), owner)}...}}; });
}

}  // namespace aster::html
