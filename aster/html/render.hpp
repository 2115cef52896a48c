// From a tree to bytes.
//
//   std::string page = to_string(tree);
//   render(tree, page);                                          // appended
//   render(tree, [&](std::string_view part) { out.write(part); });   // streamed, in blocks of 4 KiB
//   render(tree, out, {.nonce = nonce});                         // <script> and <style> get it
//
// The tree is only looked at; the same one can be rendered many times.
#pragma once
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include "aster/html/kept.hpp"
#include "aster/html/writer.hpp"

namespace aster::html {

struct render_options {
  /// Of this response, for the Content Security Policy: every <script> and <style> of the page gets it.
  std::string_view nonce{};
};

/// Takes parts of a page: a function, or an object with append or write, as body_writer has it.
template <class Sink>
concept sink = requires(Sink& s, std::string_view part) { s(part); } ||
               requires(Sink& s, std::string_view part) { s.append(part); } ||
               requires(Sink& s, std::string_view part) { s.write(part); };

/// Appends to the string.
template <part Node>
void render(const Node& node, std::string& page, render_options options = {}) {
  string_writer out{page, options.nonce};
  show(out, node);
}

/// Hands the page to the sink in blocks of up to 4 KiB, the last when all is rendered. When the sink or a
/// component throws, what was gathered by then is lost.
template <part Node, sink Sink>
  requires(!std::same_as<std::remove_cvref_t<Sink>, std::string>)
void render(const Node& node, Sink&& sink, render_options options = {}) {
  using plain = std::remove_reference_t<Sink>;
  const auto emit = [](void* context, std::string_view part) {
    auto& to = *static_cast<plain*>(context);
    if constexpr (requires { to(part); }) {
      to(part);
    } else if constexpr (requires { to.append(part); }) {
      to.append(part);
    } else {
      to.write(part);
    }
  };
  buffered_writer<> out{emit, const_cast<void*>(static_cast<const void*>(&sink)), options.nonce};
  show(out, node);
  out.finish();
}

template <part Node>
[[nodiscard]] std::string to_string(const Node& node, render_options options = {}) {
  std::string page;
  render(node, page, options);
  return page;
}

/// A text is a node as well.
[[nodiscard]] inline std::string to_string(std::string_view text) { return to_string(text_part{text}); }

}  // namespace aster::html
