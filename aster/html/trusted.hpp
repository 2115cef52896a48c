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
template <bool IsInline>
struct markup_part {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots = IsInline ? tag_set{tag::span, tag::text} : tag_set{tag::div, tag::text};
  static constexpr tag_set within = roots;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const { c.advance_bytes(bytes); }
  std::string_view bytes;
};

template <text_like T>
constexpr auto markup(T&& bytes) {
  return own_texts<!view_like<T>>(
      [&](text_owner& owner) { return markup_part<false>{keep_text(static_cast<T&&>(bytes), owner)}; });
}
template <text_like T>
constexpr auto inline_markup(T&& bytes) {
  return own_texts<!view_like<T>>(
      [&](text_owner& owner) { return markup_part<true>{keep_text(static_cast<T&&>(bytes), owner)}; });
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
constexpr auto script(std::string_view source) {
  return own_texts<true>([&](text_owner& owner) {
    return source_part<tag::script_source>{owner.keep(source_without_ends(source, "\\"))};
  });
}
constexpr auto style(std::string_view source) {
  return own_texts<true>([&](text_owner& owner) {
    return source_part<tag::style_source>{owner.keep(source_without_ends(source, "\\"))};
  });
}

}  // namespace aster::html::trusted
