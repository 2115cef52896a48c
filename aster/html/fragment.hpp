// Several nodes as one, without an element around them: `fragment(h2("Links"), p("All of them."))`.
#pragma once
#include <utility>

#include "aster/html/element.hpp"

namespace aster::html {

/// Parts without an element around them.
template <class... Parts>
struct [[nodiscard]] fragment_of {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = (tag_set{} | ... | Parts::roots);
  static constexpr tag_set within = (tag_set{} | ... | Parts::within);
  static constexpr void lay(layout& l) { (Parts::lay(l), ...); }
  constexpr void write(cursor& c) const { parts.write(c); }
  parts_of<std::make_index_sequence<sizeof...(Parts)>, Parts...> parts;
};

template <class... Parts>
constexpr auto fragment(Parts&&... parts) {
  return own_texts<(needs_owner<Parts>() || ...)>([&](text_owner& owner) {
    return fragment_of<part_of<Parts>...>{{{to_part(static_cast<Parts&&>(parts), owner)}...}};
  });
}

}  // namespace aster::html
