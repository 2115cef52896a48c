// The only way past escaping: `trusted`, easily searched for.
//
//   grep -rn 'trusted::' my_project       every place where somebody vouches for bytes
//
// Whoever writes it says that the bytes are harmless where they stand, whoever made them: the output of a
// Markdown renderer that lets no tags through, an address of an own scheme.
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "aster/html/script.hpp"
#include "aster/html/text.hpp"

namespace aster::html::trusted {

/// Markup written as it is. For the content model it is flow content, or phrasing content by `inline_markup`.
template <class Text, bool IsInline>
struct markup_part {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = IsInline ? tag_set{tag::span, tag::text} : tag_set{tag::div, tag::text};
  static constexpr tag_set within = roots;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const { c.advance_bytes(bytes); }
  Text bytes;
};

template <text_like T>
constexpr auto markup(T&& bytes) {
  auto kept = keep_text(static_cast<T&&>(bytes));
  return markup_part<decltype(kept), false>{std::move(kept)};
}
template <text_like T>
constexpr auto inline_markup(T&& bytes) {
  auto kept = keep_text(static_cast<T&&>(bytes));
  return markup_part<decltype(kept), true>{std::move(kept)};
}

/// An address of whatever scheme. It is escaped as the value of an attribute all the same.
class url {
 public:
  explicit constexpr url(std::string address) : address_(std::move(address)) {}
  constexpr std::string_view known_url() const { return address_; }

 private:
  std::string address_;
};

/// The source of a script or a style sheet. It cannot end early all the same: `</` becomes `<\/`, and `<!`
/// becomes
/// `<\!`, which in strings and comments is the same.
constexpr auto script(std::string source) {
  return source_part<tag::script_source, std::string>{source_without_ends(source, "\\")};
}
constexpr auto style(std::string source) {
  return source_part<tag::style_source, std::string>{source_without_ends(source, "\\")};
}

}  // namespace aster::html::trusted
