#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aster/html.hpp"
#include "aster/net.hpp"
#include "aster/web.hpp"
using namespace aster;

struct planet {
  std::string_view name;
  int radius_km;
  int moons;
  int day_hours;
  int distance_million_km;
};

constexpr std::array<planet, 8> planets{{{"Mercury", 2440, 0, 4223, 58},
                                         {"Venus", 6052, 0, 2802, 108},
                                         {"Earth", 6371, 1, 24, 150},
                                         {"Mars", 3390, 2, 25, 228},
                                         {"Jupiter", 69911, 95, 10, 778},
                                         {"Saturn", 58232, 146, 11, 1432},
                                         {"Uranus", 25362, 28, 17, 2867},
                                         {"Neptune", 24622, 16, 16, 4515}}};

constexpr web::route<"/"> home;
constexpr web::route<"/planets/{name}", web::slug> one_planet;
constexpr web::route<"/planets?{min_moons?}", int> all_planets;

/// How often each page was asked for.
struct counters {
  std::uint64_t requests = 0;
};

const planet* find_planet(std::string_view name) {
  for (const planet& p : planets)
    if (p.name == name) return &p;
  return nullptr;
}

web::response show_home(const counters& count) {
  using namespace aster::html;
  return web::html(
      html5(_lang = "en", head(meta(_charset = "utf-8"), title("Planets")),
            body(h1("Planets"),
                 table(thead(tr(th("Name"), th("Radius"), th("Moons"), th("Day"))),
                       tbody(each(planets,
                                  [](const planet& p) {
                                    return tr(td(a(_href = one_planet(web::slug::of(p.name)), p.name)),
                                              td(p.radius_km, " km"), td(p.moons), td(p.day_hours, " h"));
                                  }))),
                 p("Request number ", count.requests, "."))));
}

std::optional<web::json<planet>> show_planet(web::slug name) {
  const planet* const found = find_planet(name);
  if (found == nullptr) return std::nullopt;
  return web::json{*found};
}

web::json<std::vector<planet>> list_planets(std::optional<int> min_moons) {
  std::vector<planet> found;
  for (const planet& p : planets)
    if (p.moons >= min_moons.value_or(0)) found.push_back(p);
  return web::json{std::move(found)};
}

web::response count_request(counters& count, web::next behind) {
  ++count.requests;
  return behind();
}

net::device<"service"> service;

int main() {
  return web::run(service, web::app{
                               web::state(counters{}),
                               web::wrap(count_request),
                               web::get(home, show_home),
                               web::get(all_planets, list_planets),
                               web::get(one_planet, show_planet),
                           });
}
