// What a loop or a condition holds until it is rendered, and how what their functions return is rendered at
// once.
#pragma once
#include <type_traits>
#include <utility>

#include "aster/html/owning.hpp"
#include "aster/html/program.hpp"
#include "aster/html/text.hpp"

namespace aster::html {

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

/// Renders what a function has returned, at once: nothing of it needs to be kept.
template <class T>
constexpr void show(writer& out, const T& made) {
  if constexpr (owning_part<T>) {
    show(out, made.part);
  } else if constexpr (part<T>) {
    program<T>::run(made, out);
  } else if constexpr (text_like<const T&>) {
    show(out, text_part{std::string_view(made)});
  } else {
    text_owner owner;
    show(out, to_part(made, owner));
  }
}

}  // namespace aster::html
