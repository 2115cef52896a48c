// Numbers with a fraction, without the weight of a formatting library: they are whole numbers once they are
// in the tree.
//
//   td(fixed<2>(price))      3.50, rounded
//
// As the value of an attribute a double may stand by itself: it is written with at most three digits, as
// coordinates need.
#pragma once
#include <cstdint>

#include "aster/html/attribute.hpp"

namespace aster::html {

/// A number with exactly `Digits` digits behind the point. Text, or the value of an attribute.
template <int Digits>
struct fixed_number {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots{tag::text};
  static constexpr tag_set within{tag::text};
  static constexpr std::int64_t scale() {
    std::int64_t s = 1;
    for (int n = 0; n < Digits; ++n) s *= 10;
    return s;
  }
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    const bool negative = units < 0;
    const std::uint64_t whole =
        negative ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
    if (negative) c.out.put("-");
    c.out.natural(whole / static_cast<std::uint64_t>(scale()));
    if (Digits > 0) c.out.fraction(whole % static_cast<std::uint64_t>(scale()), Digits, false);
  }
  std::int64_t units;
};

template <int Digits>
constexpr fixed_number<Digits> fixed(double value) {
  static_assert(Digits >= 0 && Digits <= 9);
  return {scaled(value, static_cast<double>(fixed_number<Digits>::scale()))};
}

}  // namespace aster::html
