#include "host/galaxy/page/star_map.hpp"

#include "aster/html.hpp"
#include "aster/json/enumeration.hpp"
#include "aster/web/files.hpp"
#include "aster/web/html.hpp"
#include "site.hpp"

namespace aster::host::galaxy::page {
namespace {

using namespace html;

auto row_of(const service_status& s) {
  return tr(th(_scope = "row", s.name), td(json::name_of(s.state)), td(s.instances.size()), td(s.requests));
}

}  // namespace

web::response star_map(const galaxy_status& now) {
  return web::html(html5(
      _lang = "en",
      head(meta(_charset = "utf-8"), html::title("Galaxy ", now.name),
           meta(_name = "viewport", _content = "width=device-width, initial-scale=1"),
           link(_rel = "stylesheet", _href = "/page.css"), html::script(_src = "/page.js", _type = "module")),
      body(h1(now.name), table(tbody(each(now.services, row_of))))));
}

web::response style(const web::request& req) { return web::send_file(req, site::page_css); }
web::response script(const web::request& req) { return web::send_file(req, site::page_js); }

}  // namespace aster::host::galaxy::page
