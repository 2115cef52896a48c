#include "api.hpp"

#include <algorithm>

#include "making.hpp"
#include "moment.hpp"
#include "pages.hpp"

using namespace aster;

namespace api {
namespace {

struct shown_link {
  std::string id;
  std::string url;
  std::string target;
  std::uint64_t visits;
  std::string created;
  std::optional<std::string> last_visit;
  std::optional<std::string> secret;  // for its maker, once
};
struct shown_page {
  std::vector<shown_link> links;
  std::size_t found;
};

shown_link describe(const short_link& l, const origin& here) {
  return {.id = l.id,
          .url = here.text + routes::follow(web::slug::of(l.id)).text(),
          .target = l.target,
          .visits = l.visits,
          .created = instant_text(l.created),
          .last_visit = l.last_visit.transform(instant_text),
          .secret = {}};
}

web::response describe(const problem& p) {
  web::problem shown{.status = http::status::unprocessable_content, .detail = p.text};
  switch (p.what) {
    case problem::kind::target: shown.field = "target"; break;
    case problem::kind::name: shown.field = "id"; break;
    case problem::kind::taken:
      shown.field = "id";
      shown.suggestion = p.suggestion;
      shown.status = http::status::conflict;
      break;
    case problem::kind::full: shown.status = http::status::insufficient_storage; break;
  }
  return web::to_response(std::move(shown));
}

web::response refuse(http::status status, std::string why) {
  return web::to_response(web::problem{.status = status, .detail = std::move(why)});
}
web::response no_such_link() { return refuse(http::status::not_found, "There is no such link."); }

}  // namespace

web::response list(const link_store& links, const origin& here, std::optional<std::string> query,
                   std::optional<order> by, std::optional<unsigned> page) {
  const std::size_t from = std::size_t{std::clamp(page.value_or(1), 1u, 100'000u) - 1} * pages::page_size;
  const listing found = links.search(query.value_or(""), by.value_or(order::newest), from, pages::page_size);
  shown_page result{.links = {}, .found = found.found};
  for (const short_link* each : found.links) result.links.push_back(describe(*each, here));
  return web::to_response(web::json{std::move(result)});
}

web::response create(link_store& links, const origin& here, std::random_device& random,
                     web::json<new_link> wanted) {
  const auto made = make_link(links, here, random, wanted->target, wanted->id.value_or(""));
  if (!made) return describe(made.error());
  shown_link shown = describe(**made, here);
  shown.secret = (*made)->secret;
  return web::to_response(web::json{std::move(shown)})
      .status(http::status::created)
      .header("Location", routes::api_link(web::slug::of((*made)->id)).text())
      .header("Cache-Control", "no-store");
}

web::response show(const link_store& links, const origin& here, web::slug id) {
  const short_link* const found = links.find(id);
  if (found == nullptr) return no_such_link();
  return web::to_response(web::json{describe(*found, here)});
}

web::response change(link_store& links, const origin& here, web::slug id, web::bearer_token secret,
                     web::json<change_of_link> wanted) {
  if (links.find(id) == nullptr) return no_such_link();
  const short_link* const mine = find_owned(links, id, secret.text);
  if (mine == nullptr) return refuse(http::status::forbidden, "This is not the link's secret.");
  const auto changed = retarget_link(links, here, *mine, wanted->target);
  if (!changed) return describe(changed.error());
  return web::to_response(web::json{describe(**changed, here)});
}

web::response remove(link_store& links, web::slug id, web::bearer_token secret) {
  if (links.find(id) == nullptr) return no_such_link();
  if (find_owned(links, id, secret.text) == nullptr)
    return refuse(http::status::forbidden, "This is not the link's secret.");
  links.remove(id);
  return web::response{http::status::no_content};
}

}  // namespace api
