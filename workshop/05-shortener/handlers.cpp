#include "handlers.hpp"

#include <algorithm>

#include "drawings.hpp"
#include "making.hpp"

using namespace aster;

namespace {

pages::home_view list_links(const link_store& links, const origin& here, std::string query, order by,
                            unsigned page) {
  pages::home_view view{
      .site = here.text, .now = now(), .form = {}, .query = std::move(query), .by = by, .found = {}};
  view.page = std::clamp(page, 1u, 100'000u);
  view.found = links.search(view.query, by, std::size_t{view.page - 1} * pages::page_size, pages::page_size);
  view.pages = static_cast<unsigned>((view.found.found + pages::page_size - 1) / pages::page_size);
  return view;
}

/// Pages that show a secret, or that a visit changes, are not to be kept by caches.
web::response unkept(web::response page) { return std::move(page).header("Cache-Control", "no-store"); }

}  // namespace

origin find_origin(const web::request& req, const web::proxies& trusted) {
  std::string host{req.host()};
  std::string text = (trusted.is_secure(req) ? "https://" : "http://") + host;
  return {std::move(host), std::move(text)};
}

web::response show_home(const link_store& links, const origin& here, std::optional<std::string> query,
                        std::optional<order> by, std::optional<unsigned> page) {
  return pages::home(
      list_links(links, here, std::move(query).value_or(""), by.value_or(order::newest), page.value_or(1)));
}

web::response create_link(link_store& links, const origin& here, std::random_device& random,
                          web::form<new_link_form> form) {
  const auto made = make_link(links, here, random, form->target, form->name);
  if (made) return web::see_other(routes::manage(web::slug::of((*made)->id), web::slug::of((*made)->secret)));

  pages::home_view view = list_links(links, here, {}, order::newest, 1);
  view.form = {.target = form->target, .name = form->name};
  switch (made.error().what) {
    case problem::kind::target: view.form.target_error = made.error().text; break;
    case problem::kind::name: view.form.name_error = made.error().text; break;
    case problem::kind::taken:
      view.form.name_error = made.error().text;
      view.form.name = made.error().suggestion;
      return pages::home(view, http::status::conflict);
    case problem::kind::full:
      view.form.error = made.error().text;
      return pages::home(view, http::status::insufficient_storage);
  }
  return pages::home(view, http::status::unprocessable_content);
}

web::response follow_link(link_store& links, web::slug id) {
  const short_link* const found = links.find(id);
  if (found == nullptr) throw http::failure{http::status::not_found};
  links.count_visit(found->id, now());
  // 302 and not 301: a browser that remembers the way would never come by to be counted, nor see a change.
  return web::redirect_to_text(http::status::found, found->target).header("Cache-Control", "no-store");
}

std::optional<web::response> show_link(const link_store& links, const origin& here, web::slug id) {
  const short_link* const found = links.find(id);
  if (found == nullptr) return std::nullopt;
  return pages::link_page({.site = here.text, .now = now(), .shown = *found});
}

std::optional<web::response> show_qr(const link_store& links, const origin& here, web::slug id) {
  const short_link* const found = links.find(id);
  if (found == nullptr) return std::nullopt;
  const std::string address = here.text + routes::follow(web::slug::of(found->id)).text();
  return web::response{http::status::ok, "image/svg+xml", qr_file(address)}.header("Cache-Control",
                                                                                   "public, max-age=86400");
}

std::optional<web::response> show_secret_link(const link_store& links, const origin& here, web::slug id,
                                              web::slug secret) {
  const short_link* const found = find_owned(links, id, secret);
  if (found == nullptr) return std::nullopt;
  const bool is_new = found->visits == 0 && now() - found->created < std::chrono::minutes{1};
  return unkept(pages::link_page({.site = here.text,
                                  .now = now(),
                                  .shown = *found,
                                  .may_change = true,
                                  .is_new = is_new,
                                  .target = found->target}));
}

std::optional<web::response> change_link(link_store& links, const origin& here, web::slug id,
                                         web::slug secret, web::form<change_form> form) {
  const short_link* const found = find_owned(links, id, secret);
  if (found == nullptr) return std::nullopt;
  const auto changed = retarget_link(links, here, *found, form->target);
  if (changed) return web::see_other(routes::manage(id, secret));
  return unkept(pages::link_page({.site = here.text,
                                  .now = now(),
                                  .shown = *found,
                                  .may_change = true,
                                  .target = form->target,
                                  .error = changed.error().text},
                                 http::status::unprocessable_content));
}

std::optional<web::response> remove_link(link_store& links, web::slug id, web::slug secret) {
  const short_link* const found = find_owned(links, id, secret);
  if (found == nullptr) return std::nullopt;
  const std::string gone = found->id;
  links.remove(gone);
  return pages::deleted(gone);
}
