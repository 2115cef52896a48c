// Typed HTML: pages that the compiler has checked.
//
//   using namespace aster::html;
//
//   auto page(const std::vector<note>& notes) {
//     return html5(_lang = "en",
//                  head(title("Notes"), meta(_charset = "utf-8"), link(_rel = "stylesheet", _href =
//                  "/style.css")), body(h1("Notes"), ul(each(notes, [](const note& n) {
//                         return li(a(_href = n.address, n.title));
//                       }))));
//   }
//   std::string text = to_string(page(notes));
//
// A <div> in a <p>, an attribute that the element has not, an <img> without `alt` do not compile. Whatever
// comes from outside is escaped by where it stands. See docs/html.md.
#pragma once
#include "aster/html/any.hpp"
#include "aster/html/attributes.hpp"
#include "aster/html/decimal.hpp"
#include "aster/html/each.hpp"
#include "aster/html/elements.hpp"
#include "aster/html/folded.hpp"
#include "aster/html/fragment.hpp"
#include "aster/html/render.hpp"
#include "aster/html/script.hpp"
#include "aster/html/svg.hpp"
#include "aster/html/trusted.hpp"
#include "aster/html/when.hpp"
