// A node for each item of a range.
//
//   ul(each(links, [](const link& l) { return li(l.title); }))
//   ol(each(links, [](const link& l, std::size_t n) { return li(_value = n + 1, l.title); }))
//
// The function is called while the page is rendered, so a long list is never in memory as a tree. What it
// captures by reference must live until then; so must a range that has a name. One that is moved in is owned,
// and a span or a view is copied.
#pragma once
#include <cstddef>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

#include "aster/html/kept.hpp"

namespace aster::html {

template <class Function, class Item>
constexpr auto call_with_item(const Function& function, Item&& item, std::size_t index) {
  if constexpr (requires { function(item, index); }) {
    return function(item, index);
  } else {
    return function(item);
  }
}

template <class Range, class Function>
struct each_part {
  using item = part_of<decltype(call_with_item(std::declval<const Function&>(),
                                               *std::begin(std::declval<kept<Range>>().get()), 0))>;
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = item::roots;
  static constexpr tag_set within = item::within;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    std::size_t index = 0;
    for (auto&& value : range.get()) show(c.out, call_with_item(function, value, index++));
  }
  kept<Range> range;
  Function function;
};

/// A node for each item of the range, in order: what the function makes of the item, and of its index when it
/// takes one. Items of a range that can be looked at without changing it are const.
template <class Range, class Function>
constexpr auto each(Range&& range, Function function) {
  using plain = std::remove_cvref_t<Range>;
  using looked_at = const std::remove_reference_t<Range>&;
  constexpr bool is_constant = requires(looked_at r) { std::begin(r); };
  if constexpr (is_constant && std::ranges::enable_view<plain>) {
    return each_part<plain, Function>{{range},
                                      std::move(function)};  // a span, a view: no more than a reference
  } else if constexpr (is_constant && std::is_lvalue_reference_v<Range>) {
    return each_part<looked_at, Function>{keep<looked_at>(range), std::move(function)};
  } else {
    return each_part<Range, Function>{keep<Range>(range), std::move(function)};
  }
}

}  // namespace aster::html
