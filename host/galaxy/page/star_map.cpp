#include "host/galaxy/page/star_map.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "aster/html.hpp"
#include "aster/json/enumeration.hpp"
#include "aster/web/html.hpp"

namespace aster::host::galaxy::page {
namespace {

using namespace html;

std::string state_text(const service_status& s) {
  std::string text{json::name_of(s.state)};
  std::ranges::replace(text, '_', ' ');
  return s.why.empty() ? text : text + ": " + s.why;
}

std::string instances_text(const service_status& s) {
  const auto well = std::ranges::count(s.instances, instance_state::well, &instance_status::state);
  return std::to_string(well) + " of " + std::to_string(s.wanted);
}

std::string paths_text(const service_status& s) {
  std::string text;
  for (const std::string& path : s.paths) text.append(text.empty() ? "" : " ").append(path);
  return text.empty() ? "—" : text;
}

/// The script writes the same row, and keeps it as things are.
auto row_of(const service_status& s) {
  std::uint64_t memory = 0;
  for (const instance_status& i : s.instances) memory += i.memory;
  return tr(th(_scope = "row", s.name), td(state_text(s)), td(instances_text(s)), td(s.requests),
            td(s.failed), td(memory == 0 ? std::string{"—"} : std::to_string(memory / 1'000'000) + " MB"),
            td(paths_text(s)));
}

auto services_table(const galaxy_status& now) {
  return section(
      _id = "plain", _aria("label") = "Services",
      div(_class = "scroll",
          table(caption("Services of this galaxy; each name leads to its instances, log and deployments."),
                thead(tr(th(_scope = "col", "Service"), th(_scope = "col", "State"),
                         th(_scope = "col", "Instances"), th(_scope = "col", "Requests"),
                         th(_scope = "col", "Failed"), th(_scope = "col", "Memory"),
                         th(_scope = "col", "Paths"))),
                tbody(each(now.services, row_of)))));
}

auto top(const galaxy_status& now) {
  return header(
      _class = "top", h1(now.name), p(_id = "summary"),
      nav(_aria("label") = "View",
          when(!now.url.empty(), [&now] { return a(_href = now.url, _rel = "noreferrer", "Open the site"); }),
          button(_id = "motion", _type = "button", _hidden, "Hold still"),
          button(_id = "view", _type = "button", _hidden, "Show as table")));
}

}  // namespace

web::response star_map(const galaxy_status& now) {
  return web::html(html5(
      _lang = "en",
      head(meta(_charset = "utf-8"), html::title(now.name, " · star map"),
           meta(_name = "viewport", _content = "width=device-width, initial-scale=1"),
           meta(_name = "color-scheme", _content = "dark"), meta(_name = "theme-color", _content = "#060912"),
           link(_rel = "icon", _href = "/look/star.svg", _type = "image/svg+xml"),
           link(_rel = "stylesheet", _href = "/look/page.css"),
           html::script(_src = "/look/page.js", _type = "module")),
      body(a(_class = "skip", _href = "#main", "Skip to the services"), top(now),
           main(_id = "main",
                div(_id = "map", _hidden, canvas(_id = "sky", _aria("hidden") = true),
                    div(_id = "stars", _role = "group",
                        _aria("label") =
                            "Services of this galaxy; arrows go from one to the next, Enter opens it")),
                services_table(now),
                div(_role = "log", _aria("label") = "What has happened", ol(_id = "feed")),
                p(_id = "legend", _hidden, "● well  ☾ asleep  ◌ starting  △ unwell  ⊗ ends again and again")),
           p(_id = "notice", _role = "status", _hidden),
           aside(_id = "panel", _aria("labelledby") = "panel-title", _hidden))));
}

}  // namespace aster::host::galaxy::page
