// What the site answers: apart from main.cpp, so that the test can ask too.
#pragma once
#include <string>

#include "aster/html.hpp"
#include "aster/web.hpp"
namespace web = aster::web;

constexpr web::route<"/"> home;
constexpr web::route<"/hello/{name}"> hello;
constexpr web::route<"/visits"> visits;

struct visit_count {
  unsigned so_far = 0;
};

// A handler's parameters say what it wants: a part of the path, something that make_site has put in front.
inline web::response greet(std::string name, visit_count& count) {
  using namespace aster::html;
  return web::html(html5(_lang = "en", head(meta(_charset = "utf-8"), title("@NAME@")),
                         body(h1("Hello, ", name, "!"), p("Visitor ", ++count.so_far, " of @NAME@."),
                              p(a(_href = hello("Vega"), "Vega"), " was here, too."))));
}

inline web::json<visit_count> count_visits(const visit_count& count) { return web::json{count}; }

inline auto make_site() {
  return web::app{
      web::state(visit_count{}),
      web::get(home, [] { return web::see_other(hello("stranger")); }),
      web::get(hello, greet),
      web::get(visits, count_visits),
  };
}
