// How a tree of elements becomes few, large copies.
//
// Of a tree's type the compiler knows every tag and the name of every attribute; only the values in between
// arrive with the request. So each tree type has a *program*: one constant text, with cuts where values go
// in.
//
//   li(a(_href = target, title))      <li><a href="  ·  ">  ·  </a></li>
//                                                    ^0     ^1
//
// To render is to walk the values in order, each time copying the constant up to the next cut and then
// writing the value. `</a></li></ul><p class="` is one copy, however many elements end and begin in it.
//
// A part of a tree has two functions that walk in the same order: a static `lay` tells its constant text and
// cuts, and `write` writes its values. What stands at a cut may be anything: a text, or a loop over a program
// of its own.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "aster/html/writer.hpp"

namespace aster::html {

/// Gathers the constant text of a tree and its cuts. Without memory it only counts.
struct layout {
  char* text = nullptr;
  std::uint32_t* cuts = nullptr;
  std::uint32_t size = 0;
  std::uint32_t holes = 0;

  constexpr void constant(std::string_view bytes) {
    if (text) std::char_traits<char>::copy(text + size, bytes.data(), bytes.size());
    size += static_cast<std::uint32_t>(bytes.size());
  }
  /// A value goes in here.
  constexpr void hole() {
    ++holes;
    if (cuts) cuts[holes] = size;
  }
};

/// The state of rendering one tree. Each step copies the constant text up to the next cut and then writes a
/// value there. At run time a step is one call: inlined, a page would take three times the code, and longer
/// to compile, for nothing.
struct cursor {
  writer& out;
  const char* text;
  const std::uint32_t* cut;

  constexpr void advance() {
    if consteval {
      copy_constant();
    } else {
      advance_now();
    }
  }
  constexpr void advance_text(std::string_view characters) {
    if consteval {
      copy_constant();
      out.text(characters);
    } else {
      advance_text_now(characters);
    }
  }
  constexpr void advance_attribute(std::string_view characters) {
    if consteval {
      copy_constant();
      out.attribute_text(characters);
    } else {
      advance_attribute_now(characters);
    }
  }
  constexpr void advance_integer(std::int64_t value) {
    if consteval {
      copy_constant();
      out.integer(value);
    } else {
      advance_integer_now(value);
    }
  }
  constexpr void advance_natural(std::uint64_t value) {
    if consteval {
      copy_constant();
      out.natural(value);
    } else {
      advance_natural_now(value);
    }
  }
  constexpr void advance_bytes(std::string_view bytes) {
    if consteval {
      copy_constant();
      out.put(bytes);
    } else {
      advance_bytes_now(bytes);
    }
  }

 private:
  constexpr void copy_constant() {
    out.put_constant(text + cut[0], cut[1] - cut[0]);
    ++cut;
  }
  void advance_now();
  void advance_text_now(std::string_view characters);
  void advance_attribute_now(std::string_view characters);
  void advance_bytes_now(std::string_view bytes);
  void advance_integer_now(std::int64_t value);
  void advance_natural_now(std::uint64_t value);
};

/// The constant text of a tree's type.
template <class Node>
class program {
  static constexpr layout measure() {
    layout l;
    Node::lay(l);
    return l;
  }
  static constexpr layout measured = measure();

  struct constants {
    std::array<char, measured.size + writer::slack> text{};
    std::array<std::uint32_t, measured.holes + 2> cuts{};
  };
  static constexpr constants build() {
    constants made;
    layout l{made.text.data(), made.cuts.data()};
    Node::lay(l);
    made.cuts[measured.holes + 1] = measured.size;
    return made;
  }
  static constexpr constants code = build();

 public:
  /// Every byte of it that is known to the compiler, without the values.
  static constexpr std::string_view constant_text{code.text.data(), measured.size};
  static constexpr std::size_t holes = measured.holes;

  static constexpr void run(const Node& node, writer& out) {
    cursor c{out, code.text.data(), code.cuts.data()};
    node.write(c);
    c.advance();
  }
};

}  // namespace aster::html
