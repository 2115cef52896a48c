#include "aster/html.hpp"
#include "aster/net.hpp"
#include "aster/web.hpp"
#include "pages.hpp"
#include "site.hpp"
using namespace aster;

web::response show_home() {
  using namespace aster::html;
  return web::html(
      page("Asterisms", home().text(),
           p("An asterism is a pattern of stars that people agree to see. The best known is the ",
             a(_href = stars(), "Big Dipper"), "."),
           img(_src = site::constellation_svg.url(), _alt = "The seven stars of the Big Dipper")));
}

web::response show_stars() {
  using namespace aster::html;
  return web::html(page("The seven stars", stars().text(),
                        dl(each(dipper, [](const star& s) { return fragment(dt(s.name), dd(s.meaning)); }))));
}

net::device<"service"> service;

int main() {
  return web::run(service, web::app{
                               web::get(home, show_home),
                               web::get(stars, show_stars),
                               web::files(::site::all),
                           });
}
