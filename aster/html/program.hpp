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
    if (text)
      for (std::size_t n = 0; n < bytes.size(); ++n) text[size + n] = bytes[n];
    size += static_cast<std::uint32_t>(bytes.size());
  }
  /// A value goes in here.
  constexpr void hole() {
    ++holes;
    if (cuts) cuts[holes] = size;
  }
};

/// The state of rendering one tree.
struct cursor {
  writer& out;
  const char* text;
  const std::uint32_t* cut;

  /// Copies the constant up to the next cut.
  constexpr void advance() {
    out.put_constant(text + cut[0], cut[1] - cut[0]);
    ++cut;
  }
  /// The same, and then a text, escaped: by far the most frequent of all steps, so it is one call.
  constexpr void advance_text(std::string_view characters) {
    advance();
    out.text(characters);
  }
  constexpr void advance_attribute(std::string_view characters) {
    advance();
    out.attribute_text(characters);
  }
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
