// Who owns the texts of a tree.
//
// Trees are built from the leaves up, and each part moves once for every element around it. So the parts are
// plain data, which moves by copying bytes; a text among them is a view. What the views look at is owned by
// one list for the whole tree, which grows together as subtrees are put into an element: `owning<element<…>>`
// is the plain data and that list. A tree that owns nothing (all literals, views and numbers) has no list and
// stays plain data.
//
// (Parts that were strings themselves made a page of 200 elements 200 KiB of code.)
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "aster/html/program.hpp"
#include "aster/html/tag.hpp"

namespace aster::html {

/// A list of blocks that hold texts. Moved, never copied.
class text_owner {
 public:
  constexpr text_owner() = default;
  constexpr text_owner(text_owner&& other) noexcept : last_(std::exchange(other.last_, nullptr)) {}
  text_owner& operator=(text_owner&&) = delete;
  constexpr ~text_owner() {
    if (last_) release();
  }

  /// A copy of the text, that lives as long as this owner and whoever takes over from it.
  constexpr std::string_view keep(std::string_view text) {
    if consteval {
      char* place = new char[text.size() + 1];
      std::char_traits<char>::copy(place, text.data(), text.size());
      join(new block{nullptr, place, text.size(), text.size()});
      return {place, text.size()};
    } else {
      return keep_now(text);
    }
  }

  /// Owns from now on what `other` did.
  constexpr void take(text_owner&& other) {
    if (!other.last_) return;
    if (last_) std::swap(last_->next, other.last_->next);  // two rings become one
    last_ = std::exchange(other.last_, nullptr);
  }

 private:
  // Of a ring, so that two of them are joined without walking.
  struct block {
    block* next;
    char* text;
    std::size_t used, size;
  };

  constexpr void join(block* made) {
    made->next = last_ ? last_->next : made;
    if (last_) last_->next = made;
    last_ = made;
  }
  constexpr void release() {
    if consteval {
      block* one = last_->next;
      last_->next = nullptr;
      while (one) {
        block* next = one->next;
        delete[] one->text;
        delete one;
        one = next;
      }
    } else {
      free_all();
    }
  }
  std::string_view keep_now(std::string_view text);
  void free_all() noexcept;

  block* last_ = nullptr;
};

/// What may be put into an element: an attribute, or something between the tags.
enum class part_kind : std::uint8_t { attribute, child };

/// A part of a tree, and the texts that it looks at.
template <class Part>
struct [[nodiscard]] owning {
  static constexpr part_kind kind = Part::kind;
  static constexpr bool is_owning = true;
  static constexpr void lay(layout& l) { Part::lay(l); }
  constexpr void write(cursor& c) const { part.write(c); }

  /// `make` gets the owner, to keep texts there, and returns the part.
  template <class Make>
  constexpr owning(std::in_place_t, Make&& make) : part(make(owner)) {}

  text_owner owner;
  Part part;
};

template <class T>
concept owning_part = requires { std::remove_cvref_t<T>::is_owning; };

/// What `make` returns for an owner, which is kept only if it is needed.
template <bool IsNeeded, class Make>
constexpr auto own_texts(Make&& make) {
  if constexpr (IsNeeded) {
    return owning<decltype(make(std::declval<text_owner&>()))>{std::in_place, static_cast<Make&&>(make)};
  } else {
    text_owner none;
    return make(none);
  }
}

}  // namespace aster::html
