// Names of the elements of HTML and SVG, and sets of them.
//
// Which element may stand where is a question about sets ("phrasing content" is one), so a set is a value
// that the compiler calculates with:
//
//   static_assert((tag_set{tag::ul, tag::ol} | tag_set{tag::menu}).has(tag::ol));
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace aster::html {

/// An element, or one of the things that the content model treats as one: the last five.
enum class tag : std::uint8_t {
  // clang-format off
  html, head, body, title, base, link, meta, style, script, noscript, template_, article, section, nav, aside,
  header, footer, address, main, search, hgroup, h1, h2, h3, h4, h5, h6, p, hr, pre, blockquote, ol, ul, menu,
  li, dl, dt, dd, figure, figcaption, div, a, em, strong, small, s, cite, q, dfn, abbr, ruby, rt, rp, data,
  time, code, var, samp, kbd, sub, sup, i, b, u, mark, bdi, bdo, span, br, wbr, ins, del, picture, source,
  img, iframe, video, audio, track, map, area, canvas, table, caption, colgroup, col, tbody, thead, tfoot, tr,
  td, th, form, label, input, button, select, datalist, optgroup, option, textarea, output, progress, meter,
  fieldset, legend, details, summary, dialog, svg, g, defs, symbol, use, path, rect, circle, ellipse, line,
  polyline, polygon, svg_text, tspan, svg_title, desc, svg_a, linear_gradient, radial_gradient, stop,
  clip_path, mask, pattern, marker,
  // clang-format on
  text,         ///< characters between tags
  interactive,  ///< marks whatever can be clicked or typed into, as `<a>` does only when it has a target
  dl_group,     ///< a <div> that holds <dt> and <dd>
  script_source,
  style_source,
  end
};

// One array for the whole program: within a function the compiler would build it anew at each call.
// clang-format off
inline constexpr std::string_view tag_names[] = {
  "html", "head", "body", "title", "base", "link", "meta", "style", "script", "noscript", "template",
  "article", "section", "nav", "aside", "header", "footer", "address", "main", "search", "hgroup", "h1",
  "h2", "h3", "h4", "h5", "h6", "p", "hr", "pre", "blockquote", "ol", "ul", "menu", "li", "dl", "dt", "dd",
  "figure", "figcaption", "div", "a", "em", "strong", "small", "s", "cite", "q", "dfn", "abbr", "ruby",
  "rt", "rp", "data", "time", "code", "var", "samp", "kbd", "sub", "sup", "i", "b", "u", "mark", "bdi",
  "bdo", "span", "br", "wbr", "ins", "del", "picture", "source", "img", "iframe", "video", "audio", "track",
  "map", "area", "canvas", "table", "caption", "colgroup", "col", "tbody", "thead", "tfoot", "tr", "td",
  "th", "form", "label", "input", "button", "select", "datalist", "optgroup", "option", "textarea",
  "output", "progress", "meter", "fieldset", "legend", "details", "summary", "dialog", "svg", "g", "defs",
  "symbol", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan",
  "title", "desc", "a", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "marker",
  "text", "interactive content", "div", "source of a script", "source of a style sheet"};
// clang-format on
static_assert(sizeof tag_names / sizeof *tag_names == static_cast<unsigned>(tag::end));

/// How the element is written: `<linearGradient>` for tag::linear_gradient.
constexpr std::string_view name_of(tag t) { return tag_names[static_cast<unsigned>(t)]; }

/// A set of elements. All of it happens at compile time.
struct tag_set {
  std::uint64_t low = 0, middle = 0, high = 0;

  constexpr tag_set() = default;
  constexpr tag_set(std::initializer_list<tag> tags) {
    for (tag t : tags) add(t);
  }
  /// All elements from `first` to `last` in the order of the enumeration.
  static constexpr tag_set range(tag first, tag last) {
    tag_set all;
    for (auto n = static_cast<unsigned>(first); n <= static_cast<unsigned>(last); ++n)
      all.add(static_cast<tag>(n));
    return all;
  }

  constexpr void add(tag t) {
    const unsigned n = static_cast<unsigned>(t);
    (n < 64 ? low : n < 128 ? middle : high) |= std::uint64_t{1} << n % 64;
  }
  constexpr bool has(tag t) const {
    const unsigned n = static_cast<unsigned>(t);
    return (n < 64 ? low : n < 128 ? middle : high) >> n % 64 & 1;
  }
  constexpr bool empty() const { return !(low | middle | high); }
  constexpr bool meets(tag_set other) const { return !(*this & other).empty(); }
  /// The first element in the order of the enumeration; tag::end when there is none.
  constexpr tag first() const {
    unsigned n = 0;
    while (n < static_cast<unsigned>(tag::end) && !has(static_cast<tag>(n))) ++n;
    return static_cast<tag>(n);
  }

  friend constexpr tag_set operator|(tag_set a, tag_set b) {
    return make(a.low | b.low, a.middle | b.middle, a.high | b.high);
  }
  friend constexpr tag_set operator&(tag_set a, tag_set b) {
    return make(a.low & b.low, a.middle & b.middle, a.high & b.high);
  }
  friend constexpr tag_set operator-(tag_set a, tag_set b) {
    return make(a.low & ~b.low, a.middle & ~b.middle, a.high & ~b.high);
  }
  bool operator==(const tag_set&) const = default;

 private:
  static constexpr tag_set make(std::uint64_t l, std::uint64_t m, std::uint64_t h) {
    tag_set made;
    made.low = l, made.middle = m, made.high = h;
    return made;
  }
};
static_assert(static_cast<unsigned>(tag::end) <= 192);

}  // namespace aster::html
