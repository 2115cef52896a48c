// A text as a template argument, so that a route is a type and the compiler can read it.
//
//   template <literal Path> struct route;
//   route<"/links/{id}">
#pragma once
#include <cstddef>
#include <string_view>

namespace aster::web {

template <std::size_t Size>
struct literal {
  char text[Size]{};  // public, as the language wants of a template argument; ends with a zero

  consteval literal(const char (&from)[Size]) {  // implicit, so that a string literal can be written
    for (std::size_t i = 0; i < Size; ++i) text[i] = from[i];
  }
  constexpr std::string_view view() const { return {text, Size - 1}; }
};

namespace detail {

template <std::size_t Size>
struct joined_text {
  char text[Size + 1]{};
};

}  // namespace detail

/// `Parts` one behind the other, as one literal.
template <literal... Parts>
inline constexpr auto joined = [] {
  constexpr std::size_t size = (std::size_t{0} + ... + Parts.view().size());
  detail::joined_text<size> all;
  std::size_t at = 0;
  const auto add = [&](std::string_view part) {
    for (const char c : part) all.text[at++] = c;
  };
  (add(Parts.view()), ...);
  return literal<size + 1>(all.text);
}();

}  // namespace aster::web
