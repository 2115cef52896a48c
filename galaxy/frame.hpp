// What every page of the galaxy has around its own: a menu of all services, and a footer that says which of
// them has answered. Each image has the style in it, so that a service can be looked at by itself too; behind
// the edge it is the edge's that a browser gets.
#pragma once
#include <string_view>
#include <utility>

#include "aster/html.hpp"
#include "aster/web.hpp"
#include "look.hpp"

namespace galaxy {

struct place {
  std::string_view path, name;
};
inline constexpr place places[] = {{"/", "Asterism"},  {"/s/", "Shortener"}, {"/p/", "Paste"},
                                   {"/chat/", "Chat"}, {"/links/", "Links"}, {"/status/", "Status"}};

inline auto menu_item(const place& to, std::string_view here) {
  using namespace aster::html;
  return fragment(
      when(to.path == here, [&to] { return a(_href = to.path, _aria("current") = "page", to.name); }),
      when(to.path != here, [&to] { return a(_href = to.path, to.name); }));
}

/// `here`: the path of the place whose page this is. `footnote`: a sentence about the service.
template <class... Content>
aster::web::response page(aster::http::status status, std::string_view name, std::string_view here,
                          std::string_view footnote, Content&&... content) {
  using namespace aster::html;
  return aster::web::html(
      html5(_lang = "en",
            head(meta(_charset = "utf-8"), title(name),
                 meta(_name = "viewport", _content = "width=device-width, initial-scale=1"),
                 meta(_name = "color-scheme", _content = "light dark"),
                 link(_rel = "icon", _href = look::star_svg.path),
                 link(_rel = "stylesheet", _href = look::look_css.path)),
            body(a(_class = "skip", _href = "#main", "Skip to content"),
                 nav(_aria("label") = "Galaxy",
                     img(_src = look::star_svg.path, _alt = "", _width = 28, _height = 28),
                     each(places, [here](const place& p) { return menu_item(p, here); })),
                 main(_id = "main", std::forward<Content>(content)...), footer(p(footnote)))),
      status);
}

template <class... Content>
aster::web::response page(std::string_view name, std::string_view here, std::string_view footnote,
                          Content&&... content) {
  return page(aster::http::status::ok, name, here, footnote, std::forward<Content>(content)...);
}

}  // namespace galaxy
