// The paths of this site. Whoever links to one uses it, so no link is dead.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "aster/web.hpp"
#include "link_store.hpp"

/// Words for the orders of the list, in its address.
template <>
struct aster::web::value<order> {
  static constexpr std::string_view expected = "newest, visits, name or last-visit";
  static std::optional<order> parse(std::string_view text) {
    if (text == "newest") return order::newest;
    if (text == "visits") return order::visits;
    if (text == "name") return order::name;
    if (text == "last-visit") return order::last_visit;
    return std::nullopt;
  }
  static std::string_view text(order o) {
    switch (o) {
      case order::newest: return "newest";
      case order::visits: return "visits";
      case order::name: return "name";
      case order::last_visit: return "last-visit";
    }
    return "newest";
  }
  static void append(std::string& to, order o) { to += text(o); }
};

namespace routes {

using aster::web::route;
using aster::web::slug;

inline constexpr route<"/?{q?}&{by?}&{page?}", std::string, order, unsigned> home;
inline constexpr route<"/"> create;
inline constexpr route<"/{id}", slug> follow;
inline constexpr route<"/links/{id}", slug> show;
inline constexpr route<"/links/{id}/qr.svg", slug> qr;
inline constexpr route<"/links/{id}/{secret}", slug, slug> manage;
inline constexpr route<"/links/{id}/{secret}/delete", slug, slug> remove;

inline constexpr route<"/api/links?{q?}&{by?}&{page?}", std::string, order, unsigned> api_links;
inline constexpr route<"/api/links"> api_create;
inline constexpr route<"/api/links/{id}", slug> api_link;

}  // namespace routes
