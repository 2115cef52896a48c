// The sentences by which the compiler refuses an element, one for each reason.
//
// A static_assert of C++23 says only literals; what the message is about stands in front of it, in the
// requirement that the compiler quotes:
//
//   error: static assertion failed due to requirement 'may_stand_inside<tag::div, tag::p>':
//     a paragraph holds phrasing content (HTML, 4.4.1)
//
// The author's line is the last of the notes below that.
#pragma once
#include "aster/html/attribute_name.hpp"
#include "aster/html/content_model.hpp"

namespace aster::html {

// What the compiler quotes. False wherever it is asked.
template <tag Child, tag Parent>
struct element_inside {
  static constexpr bool is_allowed = false;
};
template <tag Element, at Attribute>
struct attribute_of {
  static constexpr bool is_allowed = false;
};

template <tag Element, at Attribute, attribute_fault Fault>
constexpr void refuse_attribute() {
  if constexpr (Fault == attribute_fault::unknown)
    static_assert(attribute_of<Element, Attribute>::is_allowed, "this element has no such attribute");
  if constexpr (Fault == attribute_fault::missing)
    static_assert(attribute_of<Element, Attribute>::is_allowed,
                  "the attribute is missing, and this element needs it");
  if constexpr (Fault == attribute_fault::twice)
    static_assert(attribute_of<Element, Attribute>::is_allowed, "the attribute stands twice");
  if constexpr (Fault == attribute_fault::late)
    static_assert(attribute_of<Element, Attribute>::is_allowed,
                  "attributes stand in front of what the element holds");
}

template <tag Child, tag Parent, reason Why>
constexpr void refuse_child() {
  if constexpr (Why == reason::nothing)
    static_assert(element_inside<Child, Parent>::is_allowed, "a void element holds nothing (HTML, 13.1.2)");
  if constexpr (Why == reason::text_only)
    static_assert(element_inside<Child, Parent>::is_allowed, "it holds text and no elements");
  if constexpr (Why == reason::raw_only)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "nothing can be escaped here: a script holds js, json or trusted::script, a style css or "
                  "trusted::style");
  if constexpr (Why == reason::phrasing)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "it holds phrasing content: text and what stands in a line of it (HTML, 3.2.5.2.5)");
  if constexpr (Why == reason::paragraph)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a paragraph holds phrasing content (HTML, 4.4.1)");
  if constexpr (Why == reason::heading)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a heading holds phrasing content (HTML, 4.3.6)");
  if constexpr (Why == reason::flow)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "this is no flow content: it stands in a parent of its own (HTML, 3.2.5.2.2)");
  if constexpr (Why == reason::document)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a document holds one <head> and then one <body> (HTML, 4.1.1)");
  if constexpr (Why == reason::metadata)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a head holds metadata: <title>, <meta>, <link>, <style>, <script>, <base> (HTML, 4.2.1)");
  if constexpr (Why == reason::list)
    static_assert(element_inside<Child, Parent>::is_allowed, "a list holds <li> (HTML, 4.4.5 to 4.4.7)");
  if constexpr (Why == reason::descriptions)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a description list holds <dt>, <dd>, and <div> around these (HTML, 4.4.9)");
  if constexpr (Why == reason::description_group)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a <div> in a description list holds <dt> and <dd>, nothing else (HTML, 4.4.9)");
  if constexpr (Why == reason::hgroup)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a heading group holds one heading, and <p> (HTML, 4.3.7)");
  if constexpr (Why == reason::figure)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "this is no flow content and no caption (HTML, 4.4.12)");
  if constexpr (Why == reason::ruby)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "ruby holds phrasing content, <rt> and <rp> (HTML, 4.5.10)");
  if constexpr (Why == reason::picture)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a picture holds <source>, and then one <img> (HTML, 4.8.1)");
  if constexpr (Why == reason::media)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "first <source>, then <track>, then the rest (HTML, 4.8.8, 4.8.9)");
  if constexpr (Why == reason::table)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a table holds <caption>, <colgroup>, <thead>, <tbody>, <tr> and <tfoot> (HTML, 4.9.1)");
  if constexpr (Why == reason::columns)
    static_assert(element_inside<Child, Parent>::is_allowed, "a group of columns holds <col> (HTML, 4.9.3)");
  if constexpr (Why == reason::rows)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "this part of a table holds <tr> (HTML, 4.9.5 to 4.9.7)");
  if constexpr (Why == reason::cells)
    static_assert(element_inside<Child, Parent>::is_allowed, "a row holds <td> and <th> (HTML, 4.9.8)");
  if constexpr (Why == reason::options)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "it holds <option>, and a <select> also <optgroup> and <hr> (HTML, 4.10.7, 4.10.8)");
  if constexpr (Why == reason::option_group)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a group of options holds <option> (HTML, 4.10.9)");
  if constexpr (Why == reason::legend)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a legend holds phrasing content and headings (HTML, 4.10.16)");
  if constexpr (Why == reason::summary)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a summary holds phrasing content and headings (HTML, 4.11.2)");
  if constexpr (Why == reason::svg)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "an element of SVG holds elements of SVG, and text only in <text> (SVG 2)");
  if constexpr (Why == reason::svg_text)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "text of SVG holds text and <tspan> (SVG 2, 11)");
  if constexpr (Why == reason::no_interactive)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "what can be clicked holds nothing else that can, at any depth (HTML, 4.5.1, 4.10.6)");
  if constexpr (Why == reason::no_form)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a form holds no other form, at any depth (HTML, 4.10.3)");
  if constexpr (Why == reason::no_label)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a label holds no other label, at any depth (HTML, 4.10.4)");
  if constexpr (Why == reason::no_header)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a header or footer holds no other, and no <main>, at any depth (HTML, 4.3.8, 4.3.9)");
  if constexpr (Why == reason::no_main)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "the main content is not part of an article, an aside or a navigation (HTML, 4.4.14)");
  if constexpr (Why == reason::no_headings)
    static_assert(
        element_inside<Child, Parent>::is_allowed,
        "no headings, sections, headers and footers here, at any depth (HTML, 4.3.10, 4.4.10, 4.9.10)");
  if constexpr (Why == reason::no_table)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "the caption of a table holds no table (HTML, 4.9.2)");
  if constexpr (Why == reason::no_same)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "it does not hold another of its kind, at any depth");
  if constexpr (Why == reason::no_media)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "audio and video hold no other audio and video, at any depth (HTML, 4.8.8, 4.8.9)");
  if constexpr (Why == reason::first_summary)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "details begin with a summary, and have one (HTML, 4.11.1)");
  if constexpr (Why == reason::first_legend)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "the legend is the first in a fieldset, and the only one (HTML, 4.10.15)");
  if constexpr (Why == reason::order_of_table)
    static_assert(
        element_inside<Child, Parent>::is_allowed,
        "a table is <caption>, <colgroup>, <thead>, <tbody> or <tr>, <tfoot>, in this order (HTML, 4.9.1)");
  if constexpr (Why == reason::order_of_document)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a document is html5(head(...), body(...)), in this order (HTML, 4.1.1)");
  if constexpr (Why == reason::order_of_figure)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a figure has one caption, which stands first or last (HTML, 4.4.12)");
  if constexpr (Why == reason::order_of_picture)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a picture is <source>s and then exactly one <img> (HTML, 4.8.1)");
  if constexpr (Why == reason::one_title)
    static_assert(element_inside<Child, Parent>::is_allowed, "a head has exactly one title (HTML, 4.2.1)");
  if constexpr (Why == reason::one_of_a_kind)
    static_assert(element_inside<Child, Parent>::is_allowed,
                  "a table has at most one of these (HTML, 4.9.1)");
}

}  // namespace aster::html
