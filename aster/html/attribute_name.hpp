// Names of attributes, and which elements take them: the index of attributes at the end of the standard, as a
// table that the compiler asks.
//
// Missing on purpose: `style` and everything that begins with `on`. Both put code into markup, where a strict
// Content Security Policy (no 'unsafe-inline') does not run it, and where a value gone wrong is an attack.
// Styles belong into a style sheet, and listeners into a script.
#pragma once
#include <cstdint>
#include <string_view>

#include "aster/html/content_model.hpp"
#include "aster/html/tag.hpp"

namespace aster::html {

/// An attribute. What is a keyword of C++ has a `_` behind it; `-` and humps are a `_` between.
enum class at : std::uint8_t {
  // clang-format off
  // Global (3.2.6)
  id, class_, title, lang, dir, hidden, tabindex, role, accesskey, autocapitalize, autofocus, contenteditable,
  draggable, enterkeyhint, inert, inputmode, itemid, itemprop, itemref, itemscope, itemtype, popover,
  spellcheck, translate, data, aria, nonce,
  // Of some elements
  abbr, accept, action, allow, alt, as, async, autocomplete, autoplay, charset, checked, cite, cols, colspan,
  content, controls, coords, crossorigin, datetime, default_, defer, dirname, disabled, download, enctype,
  fetchpriority, for_, form, formaction, formmethod, formnovalidate, headers, height, high, href, hreflang,
  http_equiv, integrity, kind, label, list, loading, loop, low, max, maxlength, media, method, min, minlength,
  multiple, muted, name, nomodule, novalidate, open, optimum, pattern, placeholder, playsinline,
  popovertarget, popovertargetaction, poster, preload, property, readonly, referrerpolicy, rel, required, reversed,
  rows, rowspan, sandbox, scope, selected, shape, size, sizes, span, src, srclang, srcset, start, step,
  target, type, usemap, value, width, wrap,
  // SVG
  view_box, preserve_aspect_ratio, x, y, x1, y1, x2, y2, cx, cy, r, rx, ry, dx, dy, d, points, path_length,
  transform, fill, fill_rule, fill_opacity, stroke, stroke_width, stroke_linecap, stroke_linejoin,
  stroke_dasharray, stroke_opacity, opacity, vector_effect, shape_rendering, text_anchor, dominant_baseline,
  font_family, font_size, font_weight, offset, stop_color, stop_opacity, gradient_units, gradient_transform,
  clip_path, clip_rule, mask, marker_end, marker_start, marker_mid, pattern_units, xmlns,
  // clang-format on
  end
};

// One array for the whole program: within a function the compiler would build it anew at each call.
// clang-format off
inline constexpr std::string_view attribute_names[] = {
  "id", "class", "title", "lang", "dir", "hidden", "tabindex", "role", "accesskey", "autocapitalize",
  "autofocus", "contenteditable", "draggable", "enterkeyhint", "inert", "inputmode", "itemid", "itemprop",
  "itemref", "itemscope", "itemtype", "popover", "spellcheck", "translate", "data-", "aria-", "nonce",
  "abbr", "accept", "action", "allow", "alt", "as", "async", "autocomplete", "autoplay", "charset",
  "checked", "cite", "cols", "colspan", "content", "controls", "coords", "crossorigin", "datetime",
  "default", "defer", "dirname", "disabled", "download", "enctype", "fetchpriority", "for", "form",
  "formaction", "formmethod", "formnovalidate", "headers", "height", "high", "href", "hreflang",
  "http-equiv", "integrity", "kind", "label", "list", "loading", "loop", "low", "max", "maxlength", "media",
  "method", "min", "minlength", "multiple", "muted", "name", "nomodule", "novalidate", "open", "optimum",
  "pattern", "placeholder", "playsinline", "popovertarget", "popovertargetaction", "poster", "preload", "property",
  "readonly", "referrerpolicy", "rel", "required", "reversed", "rows", "rowspan", "sandbox", "scope",
  "selected", "shape", "size", "sizes", "span", "src", "srclang", "srcset", "start", "step", "target",
  "type", "usemap", "value", "width", "wrap", "viewBox", "preserveAspectRatio", "x", "y", "x1", "y1", "x2",
  "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "d", "points", "pathLength", "transform", "fill",
  "fill-rule", "fill-opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin",
  "stroke-dasharray", "stroke-opacity", "opacity", "vector-effect", "shape-rendering", "text-anchor",
  "dominant-baseline", "font-family", "font-size", "font-weight", "offset", "stop-color", "stop-opacity",
  "gradientUnits", "gradientTransform", "clip-path", "clip-rule", "mask", "marker-end", "marker-start",
  "marker-mid", "patternUnits", "xmlns"};
// clang-format on
static_assert(sizeof attribute_names / sizeof *attribute_names == static_cast<unsigned>(at::end));

constexpr std::string_view name_of(at a) { return attribute_names[static_cast<unsigned>(a)]; }

enum class attribute_fault : std::uint8_t { none, unknown, missing, twice, late };

/// The elements that take an attribute.
constexpr tag_set elements_with(at name) {
  using enum tag;
  constexpr tag_set everything = tag_set::range(html, marker);
  constexpr tag_set controls{button, fieldset, input, select, textarea, output};
  if (name <= at::aria) return everything;
  if (name >= at::view_box) return content::svg;
  switch (name) {
    case at::abbr: return {th};
    case at::accept: return {input};
    case at::action:
    case at::novalidate: return {form};
    case at::nonce: return {script, style};
    case at::allow:
    case at::sandbox: return {iframe};
    case at::alt: return {area, img, input};
    case at::as: return {link};
    case at::async:
    case at::defer:
    case at::nomodule: return {script};
    case at::autocomplete: return {form, input, select, textarea};
    case at::autoplay:
    case at::controls:
    case at::loop:
    case at::muted:
    case at::preload: return {audio, video};
    case at::charset: return {tag::meta};
    case at::checked: return {input};
    case at::cite: return {blockquote, del, ins, q};
    case at::cols:
    case at::wrap: return {textarea};
    case at::rows: return {textarea};
    case at::colspan:
    case at::rowspan:
    case at::headers: return {td, th};
    case at::content:
    case at::http_equiv: return {tag::meta};
    case at::coords:
    case at::shape: return {area};
    case at::crossorigin: return {audio, img, link, script, video};
    case at::datetime: return {del, ins, time};
    case at::default_:
    case at::kind:
    case at::srclang: return {track};
    case at::dirname: return {input, textarea};
    case at::disabled: return {button, fieldset, input, optgroup, option, select, textarea};
    case at::download: return {a, area};
    case at::enctype: return {form};
    case at::fetchpriority: return {img, link, script};
    case at::for_: return {label, output};
    case at::form: return controls;
    case at::formaction:
    case at::formmethod:
    case at::formnovalidate: return {button, input};
    case at::height:
    case at::width:
      return tag_set{canvas, iframe, img, input, source, video} |
             tag_set{svg, rect, use, symbol, tag::pattern, tag::mask, marker};
    case at::high:
    case at::low:
    case at::optimum: return {meter};
    case at::href: return {a, area, base, link, svg_a, use, linear_gradient, radial_gradient, tag::pattern};
    case at::hreflang: return {a, link};
    case at::integrity: return {link, script};
    case at::label: return {optgroup, option, track};
    case at::list: return {input};
    case at::loading: return {img, iframe};
    case at::max: return {input, meter, progress};
    case at::min: return {input, meter};
    case at::maxlength:
    case at::minlength: return {input, textarea};
    case at::media: return {link, tag::meta, source, style};
    case at::method: return {form};
    case at::multiple: return {input, select};
    case at::name: return controls | tag_set{form, iframe, tag::map, tag::meta, details};
    case at::open: return {details, dialog};
    case at::pattern:
    case at::step: return {input};
    case at::placeholder:
    case at::readonly: return {input, textarea};
    case at::playsinline:
    case at::poster: return {video};
    case at::popovertarget:
    case at::popovertargetaction: return {button, input};
    case at::property: return {tag::meta};
    case at::referrerpolicy: return {a, area, iframe, img, link, script};
    case at::rel: return {a, area, form, link};
    case at::required: return {input, select, textarea};
    case at::reversed:
    case at::start: return {ol};
    case at::scope: return {th};
    case at::selected: return {option};
    case at::size: return {input, select};
    case at::sizes: return {img, link, source};
    case at::span: return {col, colgroup};
    case at::src: return {audio, iframe, img, input, script, source, track, video};
    case at::srcset: return {img, source};
    case at::target: return {a, area, base, form, svg_a};
    case at::type: return {a, button, input, link, ol, script, source, style};
    case at::usemap: return {img};
    case at::value: return {button, data, input, li, meter, option, progress};
    default: return {};
  }
}

/// The attributes without which an element means nothing (or, for `alt`, says nothing to somebody who listens
/// to it). at::end where there is none.
struct required_attributes {
  at first = at::end, second = at::end;
};
constexpr required_attributes required_of(tag t) {
  switch (t) {
    case tag::html: return {at::lang};
    case tag::img: return {at::src, at::alt};
    case tag::link: return {at::rel, at::href};
    case tag::iframe: return {at::src, at::title};
    case tag::track: return {at::src, at::kind};
    case tag::map: return {at::name};
    case tag::bdo: return {at::dir};
    case tag::data:
    case tag::meter: return {at::value};
    case tag::optgroup: return {at::label};
    case tag::use: return {at::href};
    case tag::path: return {at::d};
    case tag::polyline:
    case tag::polygon: return {at::points};
    case tag::svg: return {at::view_box};
    default: return {};
  }
}

}  // namespace aster::html
