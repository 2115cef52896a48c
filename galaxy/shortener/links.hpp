// The shortener of the workshop below a prefix: the same links, made and kept by the same code, with the
// galaxy's pages.
#pragma once
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "../frame.hpp"
#include "making.hpp"
#include "memory_store.hpp"
#include "moment.hpp"
#include "target.hpp"

namespace shortener {

using namespace aster;

constexpr web::route<"/s"> without_slash;
constexpr web::route<"/s/"> home;
constexpr web::route<"/s/{id}", web::slug> follow;
constexpr web::route<"/s/links/{id}", web::slug> show;
constexpr web::route<"/s/links/{id}/{secret}", web::slug, web::slug> manage;
constexpr web::route<"/s/links/{id}/{secret}/delete", web::slug, web::slug> remove;

/// Where this site is, as the visitor sees it. The edge is the only one that can reach this service, so its
/// word is believed.
inline origin find_origin(const web::request& req) {
  const bool is_secure = req.header("x-forwarded-proto") == "https";
  std::string host{req.host()};
  std::string text = (is_secure ? "https://" : "http://") + host;
  return {std::move(host), std::move(text)};
}

template <class... Content>
web::response page(http::status status, std::string_view name, Content&&... content) {
  return galaxy::page(
      status, name, home().text(),
      "Links lie in the memory of this service, which therefore runs all the time. They are gone when it "
      "is restarted.",
      std::forward<Content>(content)...);
}

inline std::string visits_text(const short_link& l) {
  return std::to_string(l.visits) + (l.visits == 1 ? " visit" : " visits");
}

struct draft {
  std::string target, name;
};

inline web::response show_home_with(const link_store& links, const draft& typed, std::string_view error,
                                    http::status status) {
  using namespace html;
  const listing last = links.search({}, order::newest, 0, 20);
  return page(
      status, "Short links", h1("Short links"), p(_class = "lead", "Long addresses become short ones."),
      form(_method = "post", _action = home(), _novalidate,
           div(label(_for = "target", "Long address"),
               input(_id = "target", _name = "target", _type = "text", _inputmode = "url",
                     _autocapitalize = "none", _spellcheck = "false", _maxlength = 2000, _required,
                     _value = typed.target, _placeholder = "https://example.org/a/rather/long/address")),
           div(label(_for = "name", "Name (optional)"),
               input(_id = "name", _name = "name", _type = "text", _autocapitalize = "none",
                     _spellcheck = "false", _maxlength = 40, _value = typed.name, _placeholder = "xvw")),
           when(!error.empty(), [error] { return p(_class = "wrong", _role = "alert", error); }),
           button("Shorten")),
      when(!last.links.empty(), [&last] {
        return fragment(h2("Newest"),
                        ul(_class = "plain", each(last.links, [](const short_link* l) {
                             return li(
                                 a(_href = show(web::slug::of(l->id)), "/s/", l->id), " → ",
                                 span(_class = "quiet", shown_target(l->target), " · ", visits_text(*l)));
                           })));
      }));
}

inline web::response show_home(const link_store& links) {
  return show_home_with(links, {}, {}, http::status::ok);
}

inline web::response create(link_store& links, std::random_device& random, const web::request& req,
                            web::form<draft> sent) {
  const auto made = make_link(links, find_origin(req), random, sent->target, sent->name);
  if (made) return web::see_other(manage(web::slug::of((*made)->id), web::slug::of((*made)->secret)));
  switch (made.error().what) {
    case problem::kind::taken:
      return show_home_with(links, {sent->target, made.error().suggestion}, made.error().text,
                            http::status::conflict);
    case problem::kind::full:
      return show_home_with(links, *sent, made.error().text, http::status::insufficient_storage);
    case problem::kind::target:
    case problem::kind::name: break;
  }
  return show_home_with(links, *sent, made.error().text, http::status::unprocessable_content);
}

inline std::optional<web::response> go(link_store& links, web::slug id) {
  const short_link* const found = links.find(id);
  if (found == nullptr) return std::nullopt;
  links.count_visit(found->id, now());
  return web::redirect_to_text(http::status::found, found->target).header("Cache-Control", "no-store");
}

inline web::response link_page(const origin& here, const short_link& l, std::optional<web::slug> secret) {
  using namespace html;
  const std::string address = here.text + follow(web::slug::of(l.id)).text();
  return page(http::status::ok, "Short link " + l.id, h1(a(_href = address, address)),
              p("Leads to ", a(_href = l.target, _rel = "noopener nofollow", l.target), "."),
              p(_class = "quiet", visits_text(l), " · made ", age_text(l.created, now())),
              when(secret.has_value(),
                   [&] {
                     return fragment(p("Keep this page's address: who has it may delete the link."),
                                     form(_method = "post", _action = remove(web::slug::of(l.id), *secret),
                                          button("Delete")));
                   }))
      .header("Cache-Control", "no-store");
}

inline std::optional<web::response> show_link(const link_store& links, const web::request& req,
                                              web::slug id) {
  const short_link* const found = links.find(id);
  if (found == nullptr) return std::nullopt;
  return link_page(find_origin(req), *found, std::nullopt);
}

inline std::optional<web::response> show_secret(const link_store& links, const web::request& req,
                                                web::slug id, web::slug secret) {
  const short_link* const found = find_owned(links, id, secret);
  if (found == nullptr) return std::nullopt;
  return link_page(find_origin(req), *found, secret);
}

inline std::optional<web::response> remove_link(link_store& links, web::slug id, web::slug secret) {
  const short_link* const found = find_owned(links, id, secret);
  if (found == nullptr) return std::nullopt;
  links.remove(std::string{found->id});
  return web::permanent_redirect(home());
}

inline auto make_site(link_store& links, std::random_device& random) {
  return web::app{
      web::state(links),
      web::state(random),
      web::get(without_slash, [] { return web::permanent_redirect(home()); }),
      web::get(home, show_home),
      web::post(home, create),
      web::get(follow, go),
      web::get(show, show_link),
      web::get(manage, show_secret),
      web::post(remove, remove_link),
      web::files(look::all),
  };
}

}  // namespace shortener
