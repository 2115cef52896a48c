// The pages of the site: functions that return trees.
#pragma once
#include <string_view>

#include "aster/html.hpp"
#include "aster/web.hpp"
#include "site.hpp"

constexpr aster::web::route<"/"> home;
constexpr aster::web::route<"/stars"> stars;

struct star {
  std::string_view name;
  std::string_view meaning;
};
constexpr star dipper[] = {
    {"Dubhe", "“the bear”"},
    {"Merak", "“the loins”"},
    {"Phecda", "“the thigh”"},
    {"Megrez", "“the root of the tail”"},
    {"Alioth", "“the fat tail”"},
    {"Mizar", "“the apron”"},
    {"Alkaid", "“the leader of the mourners”"},
};

/// A link of the menu; the page that one is on says so, to eyes and to screen readers.
template <class Route>
auto menu_item(const Route& to, std::string_view name, std::string_view here) {
  using namespace aster::html;
  return when(
      to().text() == here,
      [=, address = to()] { return a(_href = address, _aria("current") = "page", name); },
      [=, address = to()] { return a(_href = address, name); });
}

/// What every page has around its own content.
template <class... Content>
auto page(std::string_view name, std::string_view here, Content&&... content) {
  using namespace aster::html;
  return html5(
      _lang = "en",
      head(meta(_charset = "utf-8"), title(name),
           meta(_name = "viewport", _content = "width=device-width, initial-scale=1"),
           link(_rel = "stylesheet", _href = site::style_css.url())),
      body(nav(menu_item(home, "Asterisms", here), menu_item(stars, "Stars", here)),
           main(h1(name), std::forward<Content>(content)...),
           footer("A file system without a file system: this page's style and picture lie in the image.")));
}
