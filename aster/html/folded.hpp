// A tree without run-time values, as one constant of the program: the compiler renders it.
//
//   inline constexpr auto site_menu = folded<[] { return nav(a(_href = "/", "Home"), a(_href = "/about",
//   "About")); }>;
//
//   body(site_menu, ...)          // the same bytes; and they join the tags around them, see program.hpp
//
// `folded_text<...>` are the bytes themselves.
#pragma once
#include <array>
#include <string_view>

#include "aster/html/kept.hpp"

namespace aster::html {

template <auto Make>
struct folded_part {
 private:
  using node = part_of<decltype(Make())>;
  static_assert(!node::within.meets({tag::script, tag::style}),
                "a <script> or <style> gets the nonce of each response, so it is no constant");

  static constexpr std::size_t size = [] {
    constant_writer counting;
    show(counting, Make());
    return counting.counted();
  }();
  static constexpr std::array<char, size + 1> bytes = [] {
    std::array<char, size + 1> made{};
    constant_writer filling{made.data(), size};
    show(filling, Make());
    return made;
  }();

 public:
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = node::roots;
  static constexpr tag_set within = node::within;
  static constexpr std::string_view text{bytes.data(), size};
  static constexpr void lay(layout& l) { l.constant(text); }
  constexpr void write(cursor&) const {}
};

/// `Make` is a function without captures that returns a node.
template <auto Make>
inline constexpr folded_part<Make> folded{};
template <auto Make>
inline constexpr std::string_view folded_text = folded_part<Make>::text;

}  // namespace aster::html
