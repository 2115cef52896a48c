// Judges an element with all that was put into it, before there is one: the part of the content model that
// looks at several children at once, and at attributes. All of it runs in the compiler.
//
// It is one ordinary function over sets and not a template, because a page asks it some hundred times.
#pragma once
#include <cstddef>

#include "aster/html/attribute_name.hpp"
#include "aster/html/content_model.hpp"
#include "aster/html/text.hpp"

namespace aster::html {

/// What there is to know about a part without its value.
struct part_shape {
  part_kind kind = part_kind::child;
  at name = at::end;  // of an attribute
  tag_set roots{};    // of a child: what stands at its top
  tag_set within{};   // and at any depth
};

template <class Part>
consteval part_shape shape_of() {
  if constexpr (Part::kind == part_kind::attribute) {
    return {part_kind::attribute, Part::name, {}, {}};
  } else {
    return {part_kind::child, at::end, Part::roots, Part::within};
  }
}

/// What is wrong, if anything is.
struct verdict {
  reason why = reason::none;
  tag child = tag::end;  // which may not stand there
  attribute_fault fault = attribute_fault::none;
  at attribute = at::end;  // whose fault it is
  constexpr bool good() const { return why == reason::none && fault == attribute_fault::none; }
};

namespace judging {

/// A child that stands where its order matters.
constexpr int phase_in_table(tag t) {
  switch (t) {
    case tag::caption: return 0;
    case tag::colgroup: return 1;
    case tag::thead: return 2;
    case tag::tbody:
    case tag::tr: return 3;
    case tag::tfoot: return 4;
    default: return -1;
  }
}
constexpr int phase_in_media(tag t) { return t == tag::source ? 0 : t == tag::track ? 1 : 2; }

constexpr int phase_of(tag parent, tag child) {
  if (parent == tag::table) return phase_in_table(child);
  if (parent == tag::picture) return child == tag::source ? 0 : child == tag::img ? 1 : -1;
  return phase_in_media(child);
}

/// Children in the order in which the parent wants them. Of a fragment, which may hold several, the last is
/// taken.
constexpr bool in_order(tag parent, const part_shape* parts, std::size_t count) {
  int reached = -1;
  for (std::size_t n = 0; n < count; ++n) {
    if (parts[n].kind != part_kind::child) continue;
    int last = -1;
    int first = 9;
    for (unsigned t = 0; t < static_cast<unsigned>(tag::end); ++t) {
      if (!parts[n].roots.has(static_cast<tag>(t))) continue;
      const int phase = phase_of(parent, static_cast<tag>(t));
      if (phase < 0) continue;
      last = phase > last ? phase : last;
      first = phase < first ? phase : first;
    }
    if (first < reached) return false;
    reached = last > reached ? last : reached;
  }
  return true;
}

constexpr std::size_t count_of(tag_set wanted, const part_shape* parts, std::size_t count) {
  std::size_t found = 0;
  for (std::size_t n = 0; n < count; ++n) found += parts[n].roots.meets(wanted);
  return found;
}

constexpr verdict judge_attributes(tag t, const part_shape* parts, std::size_t count) {
  bool child_seen = false;
  std::uint64_t seen[(static_cast<unsigned>(at::end) + 63) / 64] = {};
  for (std::size_t n = 0; n < count; ++n) {
    const part_shape& p = parts[n];
    if (p.kind == part_kind::child) {
      child_seen = true;
      continue;
    }
    if (child_seen) return {.fault = attribute_fault::late, .attribute = p.name};
    if (!elements_with(p.name).has(t)) return {.fault = attribute_fault::unknown, .attribute = p.name};
    if (p.name == at::data || p.name == at::aria) continue;
    std::uint64_t& word = seen[static_cast<unsigned>(p.name) / 64];
    const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(p.name) % 64;
    if (word & bit) return {.fault = attribute_fault::twice, .attribute = p.name};
    word |= bit;
  }
  const required_attributes required = required_of(t);
  for (at wanted : {required.first, required.second})
    if (wanted != at::end &&
        !(seen[static_cast<unsigned>(wanted) / 64] >> static_cast<unsigned>(wanted) % 64 & 1))
      return {.fault = attribute_fault::missing, .attribute = wanted};
  return {};
}

constexpr verdict judge_order(tag t, const part_shape* children, std::size_t count) {
  const auto number = [&](tag wanted) { return count_of({wanted}, children, count); };
  switch (t) {
    case tag::html:
      if (count != 2 || !children[0].roots.has(tag::head) || !children[1].roots.has(tag::body))
        return {.why = reason::order_of_document, .child = tag::body};
      break;
    case tag::head:
      if (number(tag::title) != 1) return {.why = reason::one_title, .child = tag::title};
      break;
    case tag::details:
      if (count == 0 || !children[0].roots.has(tag::summary) || number(tag::summary) != 1)
        return {.why = reason::first_summary, .child = tag::summary};
      break;
    case tag::fieldset:
      if (number(tag::legend) > (count != 0 && children[0].roots.has(tag::legend)))
        return {.why = reason::first_legend, .child = tag::legend};
      break;
    case tag::figure:
      if (const std::size_t captions = number(tag::figcaption);
          captions > 1 || (captions == 1 && !children[0].roots.has(tag::figcaption) &&
                           !children[count - 1].roots.has(tag::figcaption)))
        return {.why = reason::order_of_figure, .child = tag::figcaption};
      break;
    case tag::picture:
      if (number(tag::img) != 1 || !in_order(t, children, count))
        return {.why = reason::order_of_picture, .child = tag::img};
      break;
    case tag::table:
      if (!in_order(t, children, count)) return {.why = reason::order_of_table, .child = tag::caption};
      for (tag single : {tag::caption, tag::thead, tag::tfoot})
        if (number(single) > 1) return {.why = reason::one_of_a_kind, .child = single};
      break;
    case tag::video:
    case tag::audio:
      if (!in_order(t, children, count)) return {.why = reason::media, .child = tag::source};
      break;
    default: break;
  }
  return {};
}

}  // namespace judging

/// Judges `<t>` with these parts.
constexpr verdict judge(tag t, const part_shape* parts, std::size_t count) {
  if (const verdict found = judging::judge_attributes(t, parts, count); !found.good()) return found;
  std::size_t attributes = 0;
  while (attributes < count && parts[attributes].kind == part_kind::attribute) ++attributes;
  const part_shape* children = parts + attributes;
  count -= attributes;

  tag_set roots;
  tag_set within;
  for (std::size_t n = 0; n < count; ++n) {
    roots = roots | children[n].roots;
    within = within | children[n].within;
  }
  content_rule rule = content_of(t);
  if (t == tag::div && roots.meets({tag::dt, tag::dd})) rule = content_of(tag::dl_group);
  if (const tag_set wrong = roots - rule.allowed; !wrong.empty())
    return {.why = rule.why, .child = wrong.first()};
  if (const tag_set wrong = within & rule.never; !wrong.empty())
    return {.why = rule.why_never, .child = wrong.first()};
  return judging::judge_order(t, children, count);
}

/// What stands at the top of `<t>` for the element around it, and at any depth.
constexpr part_shape shape_with(tag t, const part_shape* parts, std::size_t count) {
  part_shape made;
  bool clickable = content::always_interactive.has(t);
  for (std::size_t n = 0; n < count; ++n) {
    made.roots = made.roots | parts[n].roots;
    made.within = made.within | parts[n].within;
    const at name = parts[n].name;
    clickable = clickable || name == at::tabindex || (name == at::href && (t == tag::a || t == tag::svg_a)) ||
                name == at::controls || name == at::usemap;
  }
  if (t == tag::div && made.roots.meets({tag::dt, tag::dd})) {
    made.roots = {tag::dl_group};
  } else if (content_of(t).transparent) {
    made.roots = (made.roots - tag_set{tag::source, tag::track}) | tag_set{t};
  } else {
    made.roots = {t};
  }
  made.within.add(t);
  if (clickable) made.within.add(tag::interactive);
  return made;
}

}  // namespace aster::html
