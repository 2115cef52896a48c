// <script> and <style>: the two elements whose text a browser does not read as HTML, so that nothing in it
// can be escaped.
//
//   script(_src = "/app.js", _type = "module")
//   script(js("document.body.dataset.ready = ''"))
//   style(css("p { color: red }"))
//   script(_type = "application/json", _id = "links", json(text))    data for a script
//
// `js` and `css` take literals and are checked by the compiler; `json` takes any JSON text. Source made at
// run time needs trusted::script or trusted::style (trusted.hpp). Both elements get the nonce of the response
// when they are rendered, so a strict Content Security Policy lets them through and nothing else.
#pragma once
#include <string>
#include <string_view>

#include "aster/html/element.hpp"

namespace aster::html {

/// ` nonce="…"`, when the page is rendered with one.
struct nonce_attribute {
  static constexpr part_kind kind = part_kind::attribute;
  static constexpr at name = at::nonce;
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    if (c.out.nonce().empty()) return;
    c.out.put(" nonce=\"");
    c.out.attribute_text(c.out.nonce());
    c.out.put("\"");
  }
};

template <class... Parts>
constexpr auto script(Parts&&... parts) {
  return make<tag::script>(nonce_attribute{}, static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto style(Parts&&... parts) {
  return make<tag::style>(nonce_attribute{}, static_cast<Parts&&>(parts)...);
}

/// Source as it stands in the page. `Root` says of which of the two.
template <tag Root>
struct source_part {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots{Root};
  static constexpr tag_set within{Root};
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const { c.advance_bytes(bytes); }
  std::string_view bytes;
};

/// The source with `between` put behind each `<` that may begin the end of the element, or a comment in which
/// that end would not be seen (13.2.5.15 and following): one in front of `/`, `!` or a letter.
constexpr std::string source_without_ends(std::string_view source, std::string_view between) {
  std::string safe;
  safe.reserve(source.size());
  for (std::size_t n = 0; n < source.size(); ++n) {
    safe += source[n];
    if (source[n] == '<' && n + 1 < source.size() && (source[n + 1] == '/' || source[n + 1] == '!'))
      safe += between;
  }
  return safe;
}

/// A literal that does not end its element.
template <tag Root>
class source_literal {
 public:
  template <std::size_t Size>
  consteval source_literal(const char (&source)[Size]) : text_(source, Size - 1) {
    for (std::string_view end : {"</", "<!--", "<script", "<SCRIPT"})
      if (text_.find(end) != text_.npos) this_source_would_end_its_element();
  }
  constexpr std::string_view text() const { return text_; }

 private:
  static void this_source_would_end_its_element();  // not constexpr: who gets here does not compile
  std::string_view text_;
};

constexpr auto js(source_literal<tag::script_source> source) {
  return source_part<tag::script_source>{source.text()};
}
constexpr auto css(source_literal<tag::style_source> source) {
  return source_part<tag::style_source>{source.text()};
}

/// JSON: each `<` is written as `\u003c`, which means the same to a parser of JSON. The text must be JSON
/// already; where it is not, it is no JSON afterwards either, but still ends where it ends.
struct json_part {
  static constexpr part_kind kind = part_kind::child;
  static constexpr tag_set roots{tag::script_source};
  static constexpr tag_set within{tag::script_source};
  static constexpr void lay(layout& l) { l.hole(); }
  constexpr void write(cursor& c) const {
    c.advance();
    std::string_view left = text;
    for (std::size_t at; (at = left.find('<')) != left.npos; left.remove_prefix(at + 1)) {
      c.out.put(left.substr(0, at));
      c.out.put("\\u003c");
    }
    c.out.put(left);
  }
  std::string_view text;
};
template <text_like T>
constexpr auto json(T&& text) {
  return own_texts<!view_like<T>>(
      [&](text_owner& owner) { return json_part{keep_text(static_cast<T&&>(text), owner)}; });
}

}  // namespace aster::html
