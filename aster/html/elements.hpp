// The elements of HTML: a function each, which takes attributes and then what the element holds.
//
//   ul(_class = "links", li(a(_href = "/", "Home")), li("Elsewhere"))
//
// The value that comes back knows its whole tree in its type. It is rendered by render.hpp, put into another
// element, or returned by a function, which then is a component. One that owns texts is moved, not copied.
//
// `template_` has a `_` behind it since C++ has the word. `html5` is the document, with its <!DOCTYPE>.
// <script> and <style> stand in script.hpp.
#pragma once
#include "aster/html/element.hpp"

namespace aster::html {

/// The document: `html5(_lang = "en", head(title("…")), body(…))`.
template <class... Parts>
constexpr auto html5(Parts&&... parts) {
  return make<tag::html>(static_cast<Parts&&>(parts)...);
}

// 4.1, 4.2 The document and its metadata
template <class... Parts>
constexpr auto head(Parts&&... parts) {
  return make<tag::head>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto body(Parts&&... parts) {
  return make<tag::body>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto title(Parts&&... parts) {
  return make<tag::title>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto base(Parts&&... parts) {
  return make<tag::base>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto link(Parts&&... parts) {
  return make<tag::link>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto meta(Parts&&... parts) {
  return make<tag::meta>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto noscript(Parts&&... parts) {
  return make<tag::noscript>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto template_(Parts&&... parts) {
  return make<tag::template_>(static_cast<Parts&&>(parts)...);
}

// 4.3 Sections
template <class... Parts>
constexpr auto article(Parts&&... parts) {
  return make<tag::article>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto section(Parts&&... parts) {
  return make<tag::section>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto nav(Parts&&... parts) {
  return make<tag::nav>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto aside(Parts&&... parts) {
  return make<tag::aside>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto header(Parts&&... parts) {
  return make<tag::header>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto footer(Parts&&... parts) {
  return make<tag::footer>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto address(Parts&&... parts) {
  return make<tag::address>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto main(Parts&&... parts) {
  return make<tag::main>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto search(Parts&&... parts) {
  return make<tag::search>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto hgroup(Parts&&... parts) {
  return make<tag::hgroup>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto h1(Parts&&... parts) {
  return make<tag::h1>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto h2(Parts&&... parts) {
  return make<tag::h2>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto h3(Parts&&... parts) {
  return make<tag::h3>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto h4(Parts&&... parts) {
  return make<tag::h4>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto h5(Parts&&... parts) {
  return make<tag::h5>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto h6(Parts&&... parts) {
  return make<tag::h6>(static_cast<Parts&&>(parts)...);
}

// 4.4 Grouping content
template <class... Parts>
constexpr auto p(Parts&&... parts) {
  return make<tag::p>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto hr(Parts&&... parts) {
  return make<tag::hr>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto pre(Parts&&... parts) {
  return make<tag::pre>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto blockquote(Parts&&... parts) {
  return make<tag::blockquote>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto ol(Parts&&... parts) {
  return make<tag::ol>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto ul(Parts&&... parts) {
  return make<tag::ul>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto menu(Parts&&... parts) {
  return make<tag::menu>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto li(Parts&&... parts) {
  return make<tag::li>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto dl(Parts&&... parts) {
  return make<tag::dl>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto dt(Parts&&... parts) {
  return make<tag::dt>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto dd(Parts&&... parts) {
  return make<tag::dd>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto figure(Parts&&... parts) {
  return make<tag::figure>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto figcaption(Parts&&... parts) {
  return make<tag::figcaption>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto div(Parts&&... parts) {
  return make<tag::div>(static_cast<Parts&&>(parts)...);
}

// 4.5 Text
template <class... Parts>
constexpr auto a(Parts&&... parts) {
  return make<tag::a>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto em(Parts&&... parts) {
  return make<tag::em>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto strong(Parts&&... parts) {
  return make<tag::strong>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto small(Parts&&... parts) {
  return make<tag::small>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto s(Parts&&... parts) {
  return make<tag::s>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto cite(Parts&&... parts) {
  return make<tag::cite>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto q(Parts&&... parts) {
  return make<tag::q>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto dfn(Parts&&... parts) {
  return make<tag::dfn>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto abbr(Parts&&... parts) {
  return make<tag::abbr>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto ruby(Parts&&... parts) {
  return make<tag::ruby>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto rt(Parts&&... parts) {
  return make<tag::rt>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto rp(Parts&&... parts) {
  return make<tag::rp>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto data(Parts&&... parts) {
  return make<tag::data>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto time(Parts&&... parts) {
  return make<tag::time>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto code(Parts&&... parts) {
  return make<tag::code>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto var(Parts&&... parts) {
  return make<tag::var>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto samp(Parts&&... parts) {
  return make<tag::samp>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto kbd(Parts&&... parts) {
  return make<tag::kbd>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto sub(Parts&&... parts) {
  return make<tag::sub>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto sup(Parts&&... parts) {
  return make<tag::sup>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto i(Parts&&... parts) {
  return make<tag::i>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto b(Parts&&... parts) {
  return make<tag::b>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto u(Parts&&... parts) {
  return make<tag::u>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto mark(Parts&&... parts) {
  return make<tag::mark>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto bdi(Parts&&... parts) {
  return make<tag::bdi>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto bdo(Parts&&... parts) {
  return make<tag::bdo>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto span(Parts&&... parts) {
  return make<tag::span>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto br(Parts&&... parts) {
  return make<tag::br>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto wbr(Parts&&... parts) {
  return make<tag::wbr>(static_cast<Parts&&>(parts)...);
}

// 4.7 Edits
template <class... Parts>
constexpr auto ins(Parts&&... parts) {
  return make<tag::ins>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto del(Parts&&... parts) {
  return make<tag::del>(static_cast<Parts&&>(parts)...);
}

// 4.8 Embedded content
template <class... Parts>
constexpr auto picture(Parts&&... parts) {
  return make<tag::picture>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto source(Parts&&... parts) {
  return make<tag::source>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto img(Parts&&... parts) {
  return make<tag::img>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto iframe(Parts&&... parts) {
  return make<tag::iframe>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto video(Parts&&... parts) {
  return make<tag::video>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto audio(Parts&&... parts) {
  return make<tag::audio>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto track(Parts&&... parts) {
  return make<tag::track>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto map(Parts&&... parts) {
  return make<tag::map>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto area(Parts&&... parts) {
  return make<tag::area>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto canvas(Parts&&... parts) {
  return make<tag::canvas>(static_cast<Parts&&>(parts)...);
}

// 4.9 Tables
template <class... Parts>
constexpr auto table(Parts&&... parts) {
  return make<tag::table>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto caption(Parts&&... parts) {
  return make<tag::caption>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto colgroup(Parts&&... parts) {
  return make<tag::colgroup>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto col(Parts&&... parts) {
  return make<tag::col>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto tbody(Parts&&... parts) {
  return make<tag::tbody>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto thead(Parts&&... parts) {
  return make<tag::thead>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto tfoot(Parts&&... parts) {
  return make<tag::tfoot>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto tr(Parts&&... parts) {
  return make<tag::tr>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto td(Parts&&... parts) {
  return make<tag::td>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto th(Parts&&... parts) {
  return make<tag::th>(static_cast<Parts&&>(parts)...);
}

// 4.10 Forms
template <class... Parts>
constexpr auto form(Parts&&... parts) {
  return make<tag::form>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto label(Parts&&... parts) {
  return make<tag::label>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto input(Parts&&... parts) {
  return make<tag::input>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto button(Parts&&... parts) {
  return make<tag::button>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto select(Parts&&... parts) {
  return make<tag::select>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto datalist(Parts&&... parts) {
  return make<tag::datalist>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto optgroup(Parts&&... parts) {
  return make<tag::optgroup>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto option(Parts&&... parts) {
  return make<tag::option>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto textarea(Parts&&... parts) {
  return make<tag::textarea>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto output(Parts&&... parts) {
  return make<tag::output>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto progress(Parts&&... parts) {
  return make<tag::progress>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto meter(Parts&&... parts) {
  return make<tag::meter>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto fieldset(Parts&&... parts) {
  return make<tag::fieldset>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto legend(Parts&&... parts) {
  return make<tag::legend>(static_cast<Parts&&>(parts)...);
}

// 4.11 Interactive elements
template <class... Parts>
constexpr auto details(Parts&&... parts) {
  return make<tag::details>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto summary(Parts&&... parts) {
  return make<tag::summary>(static_cast<Parts&&>(parts)...);
}
template <class... Parts>
constexpr auto dialog(Parts&&... parts) {
  return make<tag::dialog>(static_cast<Parts&&>(parts)...);
}

}  // namespace aster::html
