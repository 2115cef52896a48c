// Which element may stand where: the content model of HTML (html.spec.whatwg.org, chapters 4.1 to 4.11; the
// section numbers below are its), as a table that the compiler asks.
//
//   static_assert(content_of(tag::p).allowed.has(tag::em));
//
// Where the standard asks for more than a type can know (whether an <input> is hidden, whether a <label> has
// the one control that it labels), the table takes the stricter side.
#pragma once
#include "aster/html/tag.hpp"

namespace aster::html {

/// Why something may not stand somewhere. Each has its sentence in refusal.hpp.
enum class reason : std::uint8_t {
  none,
  nothing,  // void elements
  text_only,
  raw_only,
  phrasing,
  paragraph,
  heading,
  flow,
  document,
  metadata,
  list,
  descriptions,
  description_group,
  hgroup,
  figure,
  ruby,
  picture,
  media,
  table,
  columns,
  rows,
  cells,
  options,
  option_group,
  legend,
  summary,
  svg,
  svg_text,
  no_interactive,
  no_form,
  no_label,
  no_header,
  no_main,
  no_headings,
  no_table,
  no_same,
  no_media,
  first_summary,
  first_legend,
  order_of_table,
  order_of_document,
  order_of_figure,
  order_of_picture,
  one_title,
  one_of_a_kind
};

namespace content {
inline constexpr tag_set text{tag::text};
inline constexpr tag_set scripts{tag::script, tag::template_};
inline constexpr tag_set sectioning{tag::article, tag::section, tag::nav, tag::aside};
inline constexpr tag_set headings = tag_set::range(tag::h1, tag::h6) | tag_set{tag::hgroup};
inline constexpr tag_set metadata =
    tag_set{tag::title, tag::base, tag::link, tag::meta, tag::style, tag::noscript} | scripts;
/// Runs of text and what stands in them (3.2.5.2.5).
inline constexpr tag_set phrasing =
    tag_set{tag::a,        tag::em,      tag::strong,   tag::small,  tag::s,      tag::cite,    tag::q,
            tag::dfn,      tag::abbr,    tag::ruby,     tag::data,   tag::time,   tag::code,    tag::var,
            tag::samp,     tag::kbd,     tag::sub,      tag::sup,    tag::i,      tag::b,       tag::u,
            tag::mark,     tag::bdi,     tag::bdo,      tag::span,   tag::br,     tag::wbr,     tag::ins,
            tag::del,      tag::picture, tag::img,      tag::iframe, tag::video,  tag::audio,   tag::map,
            tag::area,     tag::canvas,  tag::label,    tag::input,  tag::button, tag::select,  tag::datalist,
            tag::textarea, tag::output,  tag::progress, tag::meter,  tag::svg,    tag::noscript} |
    scripts | text;
/// What a body holds (3.2.5.2.2).
inline constexpr tag_set flow =
    phrasing | sectioning | headings |
    tag_set{tag::header, tag::footer,     tag::address, tag::main,     tag::search,  tag::p,     tag::hr,
            tag::pre,    tag::blockquote, tag::ol,      tag::ul,       tag::menu,    tag::dl,    tag::figure,
            tag::div,    tag::table,      tag::form,    tag::fieldset, tag::details, tag::dialog};
/// What can be clicked or typed into whatever its attributes are (3.2.5.2.7).
inline constexpr tag_set always_interactive{tag::button, tag::details, tag::iframe,  tag::input,
                                            tag::label,  tag::select,  tag::textarea};
inline constexpr tag_set svg = tag_set::range(tag::svg, tag::marker);
/// What may stand inside of nothing but its own kind of parent.
inline constexpr tag_set anything = tag_set::range(tag::html, tag::dl_group);
}  // namespace content

/// What an element holds.
struct content_rule {
  tag_set allowed;  ///< as children
  reason why = reason::flow;
  tag_set never{};  ///< at any depth
  reason why_never = reason::none;
  bool transparent = false;  ///< children must fit the parent too (3.2.5.3)
};

constexpr content_rule content_of(tag t) {
  using namespace content;
  // The mark comes last, so that a message names the element where it is one of these.
  constexpr tag_set interactive = always_interactive | tag_set{tag::interactive};
  switch (t) {
    // 4.1, 4.2 The document and its metadata
    case tag::html: return {{tag::head, tag::body}, reason::document};
    case tag::head: return {metadata, reason::metadata};
    case tag::title:
    case tag::textarea:
    case tag::option:
    case tag::rp: return {text, reason::text_only};
    case tag::style: return {{tag::style_source}, reason::raw_only};
    case tag::script: return {{tag::script_source}, reason::raw_only};
    case tag::noscript: return {flow | metadata, reason::flow, {tag::noscript}, reason::no_same, true};
    case tag::template_: return {anything, reason::flow};
    // Void elements (13.1.2)
    case tag::base:
    case tag::link:
    case tag::meta:
    case tag::hr:
    case tag::br:
    case tag::wbr:
    case tag::source:
    case tag::img:
    case tag::track:
    case tag::area:
    case tag::col:
    case tag::input: return {{}, reason::nothing};
    case tag::iframe: return {{}, reason::nothing};
    // 4.3 Sections
    case tag::body:
    case tag::section:
    case tag::search: return {flow, reason::flow};
    case tag::article:
    case tag::nav:
    case tag::aside: return {flow, reason::flow, {tag::main}, reason::no_main};
    case tag::header:
    case tag::footer: return {flow, reason::flow, {tag::header, tag::footer, tag::main}, reason::no_header};
    case tag::address:
      return {flow, reason::flow, sectioning | headings | tag_set{tag::header, tag::footer, tag::address},
              reason::no_headings};
    case tag::h1:
    case tag::h2:
    case tag::h3:
    case tag::h4:
    case tag::h5:
    case tag::h6: return {phrasing, reason::heading};
    case tag::hgroup: return {tag_set::range(tag::h1, tag::h6) | tag_set{tag::p} | scripts, reason::hgroup};
    // 4.4 Grouping
    case tag::p: return {phrasing, reason::paragraph};
    case tag::pre: return {phrasing, reason::phrasing};
    case tag::blockquote:
    case tag::li:
    case tag::dd:
    case tag::figcaption:
    case tag::main:
    case tag::td:
    case tag::dialog: return {flow, reason::flow};
    case tag::ol:
    case tag::ul:
    case tag::menu: return {tag_set{tag::li} | scripts, reason::list};
    case tag::dl: return {tag_set{tag::dt, tag::dd, tag::dl_group} | scripts, reason::descriptions};
    case tag::dl_group: return {tag_set{tag::dt, tag::dd} | scripts, reason::description_group};
    case tag::dt:
    case tag::th:
      return {flow, reason::flow, sectioning | headings | tag_set{tag::header, tag::footer},
              reason::no_headings};
    case tag::figure: return {flow | tag_set{tag::figcaption}, reason::figure};
    case tag::div: return {flow | tag_set{tag::dt, tag::dd}, reason::flow};
    // 4.5, 4.7 Text and edits
    case tag::a: return {anything, reason::flow, interactive | tag_set{tag::a}, reason::no_interactive, true};
    case tag::ins:
    case tag::del:
    case tag::map:
    case tag::canvas: return {anything, reason::flow, {}, reason::none, true};
    case tag::dfn: return {phrasing, reason::phrasing, {tag::dfn}, reason::no_same};
    case tag::ruby: return {phrasing | tag_set{tag::rt, tag::rp}, reason::ruby, {tag::ruby}, reason::no_same};
    case tag::em:
    case tag::strong:
    case tag::small:
    case tag::s:
    case tag::cite:
    case tag::q:
    case tag::abbr:
    case tag::rt:
    case tag::data:
    case tag::time:
    case tag::code:
    case tag::var:
    case tag::samp:
    case tag::kbd:
    case tag::sub:
    case tag::sup:
    case tag::i:
    case tag::b:
    case tag::u:
    case tag::mark:
    case tag::bdi:
    case tag::bdo:
    case tag::span:
    case tag::output: return {phrasing, reason::phrasing};
    // 4.8 Embedded content
    case tag::picture: return {tag_set{tag::source, tag::img} | scripts, reason::picture};
    case tag::video:
    case tag::audio: return {anything, reason::media, {tag::video, tag::audio}, reason::no_media, true};
    // 4.9 Tables
    case tag::table:
      return {tag_set{tag::caption, tag::colgroup, tag::thead, tag::tbody, tag::tr, tag::tfoot} | scripts,
              reason::table};
    case tag::caption: return {flow, reason::flow, {tag::table}, reason::no_table};
    case tag::colgroup: return {{tag::col, tag::template_}, reason::columns};
    case tag::tbody:
    case tag::thead:
    case tag::tfoot: return {tag_set{tag::tr} | scripts, reason::rows};
    case tag::tr: return {tag_set{tag::td, tag::th} | scripts, reason::cells};
    // 4.10 Forms
    case tag::form: return {flow, reason::flow, {tag::form}, reason::no_form};
    case tag::label: return {phrasing, reason::phrasing, {tag::label}, reason::no_label};
    case tag::button: return {phrasing, reason::phrasing, interactive, reason::no_interactive};
    case tag::select: return {tag_set{tag::option, tag::optgroup, tag::hr} | scripts, reason::options};
    case tag::datalist: return {tag_set{tag::option} | scripts, reason::options};
    case tag::optgroup: return {tag_set{tag::option} | scripts, reason::option_group};
    case tag::progress: return {phrasing, reason::phrasing, {tag::progress}, reason::no_same};
    case tag::meter: return {phrasing, reason::phrasing, {tag::meter}, reason::no_same};
    case tag::fieldset: return {flow | tag_set{tag::legend}, reason::flow};
    case tag::legend: return {phrasing | headings, reason::legend};
    // 4.11 Interactive elements
    case tag::details: return {flow | tag_set{tag::summary}, reason::flow};
    case tag::summary: return {phrasing | headings, reason::summary};
    // SVG 2
    case tag::svg:
    case tag::g:
    case tag::defs:
    case tag::symbol:
    case tag::svg_a:
    case tag::clip_path:
    case tag::mask:
    case tag::pattern:
    case tag::marker: return {svg - tag_set{tag::tspan, tag::stop}, reason::svg};
    case tag::linear_gradient:
    case tag::radial_gradient: return {{tag::stop, tag::svg_title, tag::desc}, reason::svg};
    case tag::svg_text:
    case tag::tspan:
      return {text | tag_set{tag::tspan, tag::svg_title, tag::desc, tag::svg_a}, reason::svg_text};
    case tag::svg_title:
    case tag::desc: return {text, reason::text_only};
    case tag::use:
    case tag::path:
    case tag::rect:
    case tag::circle:
    case tag::ellipse:
    case tag::line:
    case tag::polyline:
    case tag::polygon:
    case tag::stop: return {{tag::svg_title, tag::desc}, reason::svg};
    case tag::text:
    case tag::interactive:
    case tag::script_source:
    case tag::style_source:
    case tag::end: break;
  }
  return {{}, reason::nothing};
}

/// Elements without an end tag (13.1.2).
constexpr bool is_void(tag t) {
  return tag_set{tag::base,   tag::link, tag::meta,  tag::hr,   tag::br,  tag::wbr,
                 tag::source, tag::img,  tag::track, tag::area, tag::col, tag::input}
      .has(t);
}

/// Elements of SVG, where an empty one may be closed at once: `<path/>` (13.1.2).
constexpr bool is_foreign(tag t) { return content::svg.has(t); }

}  // namespace aster::html
