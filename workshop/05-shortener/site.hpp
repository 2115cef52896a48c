// The application: which route is answered by what. Over any store, so that a test can hand it one.
#pragma once
#include <random>
#include <utility>

#include "api.hpp"
#include "assets.hpp"
#include "aster/web.hpp"
#include "handlers.hpp"
#include "routes.hpp"

/// `trusted`: proxies in front, which say whether a visitor speaks TLS to them.
inline auto make_site(link_store& links, std::random_device& random, aster::web::proxies trusted = {}) {
  using namespace aster;
  return web::app{
      web::on_error(pages::failure),
      web::state(links),
      web::state(random),
      web::state(std::move(trusted)),
      web::provide(find_origin),

      web::get(routes::home, show_home),
      web::post(routes::create, create_link),
      web::get(routes::follow, follow_link),
      web::get(routes::show, show_link),
      web::get(routes::qr, show_qr),
      web::get(routes::manage, show_secret_link),
      web::post(routes::manage, change_link),
      web::post(routes::remove, remove_link),

      web::get(routes::api_links, api::list),
      web::post(routes::api_create, api::create),
      web::get(routes::api_link, api::show),
      web::patch(routes::api_link, api::change),
      web::delete_(routes::api_link, api::remove),

      web::files(assets::all),
  };
}
