#include "pages.hpp"

#include "assets.hpp"
#include "aster/html.hpp"
#include "drawings.hpp"
#include "moment.hpp"
#include "routes.hpp"
#include "target.hpp"

using namespace aster::html;
namespace http = aster::http;
namespace web = aster::web;

namespace pages {
namespace {

/// "http://sho.rt/xvw".
std::string short_url(std::string_view site, const short_link& l) {
  return std::string{site} + routes::follow(web::slug::of(l.id)).text();
}

std::string_view without_scheme(std::string_view url) { return url.substr(url.find("//") + 2); }

constexpr auto logo = folded<[] {
  return svg::svg(_class = "logo", svg::_view_box = svg::box(0, 0, 32, 32), _aria("hidden") = true,
                  svg::path(svg::_d = "M5 24 12 11 21 15 27 6", svg::_fill = "none",
                            svg::_stroke = "currentColor", svg::_stroke_width = 1.5),
                  svg::circle(svg::_cx = 5, svg::_cy = 24, svg::_r = 3),
                  svg::circle(svg::_cx = 12, svg::_cy = 11, svg::_r = 2.5),
                  svg::circle(svg::_cx = 21, svg::_cy = 15, svg::_r = 3),
                  svg::circle(svg::_cx = 27, svg::_cy = 6, svg::_r = 2.5));
}>;

/// What all pages have around their own.
template <class... Parts>
auto layout(std::string page_title, Parts&&... parts) {
  return html5(
      _lang = "en",
      head(meta(_charset = "utf-8"), title(std::move(page_title)),
           meta(_name = "viewport", _content = "width=device-width, initial-scale=1"),
           meta(_name = "color-scheme", _content = "light dark"),
           meta(_name = "description",
                _content = "Short links from a web server that is its own operating system."),
           link(_rel = "icon", _href = assets::favicon_svg.url()),
           link(_rel = "stylesheet", _href = assets::style_css.url()),
           script(_src = assets::enhance_js.url(), _defer)),
      body(
          a(_class = "skip", _href = "#main", "Skip to content"),
          header(_class = "site",
                 a(_class = "brand", _href = routes::home(), logo, "Asterism", small("short links"))),
          main(_id = "main", std::forward<Parts>(parts)...),
          footer(
              _class = "site",
              p("Served by a unikernel: this page, the web server and the TCP/IP stack below are one image. ",
                a(_href = assets::openapi_json.url(), "API")))));
}

std::string count_text(std::uint64_t n, std::string_view unit) {
  std::string text = std::to_string(n);
  text.append(" ").append(unit);
  if (n != 1) text += 's';
  return text;
}

// ---- the form ----

/// A field with its label, a hint, and what was wrong with it.
template <class Input>
auto field(std::string_view id, std::string_view name, std::string_view hint, std::string_view error,
           Input input) {
  return div(_class = error.empty() ? "field" : "field wrong",
             label(_for = std::string{id}, std::string{name}), std::move(input),
             p(_class = "hint", _id = std::string{id} + "-hint",
               when(!error.empty(), strong(_role = "alert", std::string{error})),
               when(error.empty(), std::string{hint})));
}

auto new_link_form(const home_view& view) {
  const draft& form = view.form;
  return aster::html::form(
      _class = "new card", _method = "post", _action = routes::create(), _novalidate,
      when(!form.error.empty(), p(_class = "banner", _role = "alert", form.error)),
      field("target", "Long address", "Any page on the web.", form.target_error,
            input(_id = "target", _name = "target", _type = "text", _inputmode = "url", _autocomplete = "off",
                  _autocapitalize = "none", _spellcheck = "false", _required, _maxlength = 2000,
                  _placeholder = "https://example.org/a/rather/long/address", _value = form.target,
                  _aria("describedby") = "target-hint", _aria("invalid") = !form.target_error.empty())),
      field("name", "Name", "Optional. Letters, digits and hyphens; without one, a short code is made.",
            form.name_error,
            div(_class = "prefixed", span(_aria("hidden") = true, without_scheme(view.site), "/"),
                input(_id = "name", _name = "name", _type = "text", _autocomplete = "off",
                      _autocapitalize = "none", _spellcheck = "false", _maxlength = 40, _placeholder = "xvw",
                      _value = form.name, _aria("describedby") = "name-hint",
                      _aria("invalid") = !form.name_error.empty()))),
      button(_class = "primary", "Shorten"));
}

// ---- the list ----

auto link_item(const home_view& view, const short_link& each) {
  return li(div(_class = "what",
                a(_class = "short", _href = routes::show(web::slug::of(each.id)),
                  span(_class = "host", without_scheme(view.site), "/"), each.id),
                span(_class = "target", shown_target(each.target))),
            div(_class = "numbers", sparkline(each, view.now),
                span(_class = "visits", count_text(each.visits, "visit")),
                span(_class = "age", each.last_visit ? "last " + age_text(*each.last_visit, view.now)
                                                     : "made " + age_text(each.created, view.now))));
}

auto order_option(order each, const char* name, const home_view& view) {
  return option(_value = web::value<order>::text(each), _selected = each == view.by, name);
}

auto search_form(const home_view& view) {
  return aster::html::form(_class = "search", _method = "get", _action = routes::create(), _role = "search",
                           label(_for = "q", _class = "unseen", "Search links"),
                           input(_id = "q", _name = "q", _type = "search", _placeholder = "Search",
                                 _value = view.query, _maxlength = 200),
                           label(_for = "by", _class = "unseen", "Order"),
                           select(_id = "by", _name = "by", order_option(order::newest, "Newest", view),
                                  order_option(order::visits, "Most visited", view),
                                  order_option(order::last_visit, "Visited last", view),
                                  order_option(order::name, "By name", view)),
                           button("Show"));
}

/// A way to another page of the list, or its name alone at the end.
auto step(const home_view& view, bool there, unsigned to, const char* name) {
  return when(
      there,
      [&view, to, name] {
        return a(
            _href = routes::home(view.query.empty() ? std::optional<std::string>{} : view.query, view.by, to),
            name);
      },
      [name] { return span(_class = "off", name); });
}

auto link_list(const home_view& view) {
  return section(
      _class = "list", _aria("labelledby") = "links-title",
      div(_class = "bar", h2(_id = "links-title", "Links ", small(count_text(view.found.found, "link"))),
          search_form(view)),
      when(
          view.found.links.empty(),
          [&view] {
            return p(_class = "empty", view.query.empty() ? "No links yet. The first one could be yours."
                                                          : "No link has that in its name or address.");
          },
          [&view] {
            return ol(_class = "links",
                      each(view.found.links, [&view](const short_link* l) { return link_item(view, *l); }));
          }),
      when(view.pages > 1, [&view] {
        return nav(_class = "pages", _aria("label") = "Pages of the list",
                   step(view, view.page > 1, view.page - 1, "Previous"),
                   span("Page ", view.page, " of ", view.pages),
                   step(view, view.page < view.pages, view.page + 1, "Next"));
      }));
}

// ---- one link ----

auto facts(const link_view& view) {
  const short_link& l = view.shown;
  return dl(
      _class = "facts", div(dt("Visits"), dd(l.visits)),
      div(dt("Last visit"), dd(l.last_visit ? age_text(*l.last_visit, view.now) : std::string{"none yet"})),
      div(dt("Made"), dd(date_text(l.created))));
}

auto change_forms(const link_view& view) {
  const web::slug id = web::slug::of(view.shown.id), secret = web::slug::of(view.shown.secret);
  return section(
      _class = "card change", _aria("labelledby") = "change-title",
      h2(_id = "change-title", "Change this link"),
      p(_class = "hint",
        "Whoever has the address of this page can change the link. Keep it: it is not shown again."),
      div(_class = "copy",
          input(_readonly, _aria("label") = "Secret address of this page",
                _value = std::string{view.site} + routes::manage(id, secret).text()),
          button(_type = "button", _class = "copy-button", _hidden, "Copy")),
      aster::html::form(
          _method = "post", _action = routes::manage(id, secret), _novalidate,
          field("target", "Leads to", "", view.error,
                input(_id = "target", _name = "target", _type = "text", _inputmode = "url",
                      _autocomplete = "off", _spellcheck = "false", _required, _maxlength = 2000,
                      _value = view.target, _aria("describedby") = "target-hint",
                      _aria("invalid") = !view.error.empty())),
          button(_class = "primary", "Save")),
      details(summary("Delete"),
              aster::html::form(_method = "post", _action = routes::remove(id, secret),
                                p("The link stops working at once, and its numbers are gone."),
                                button(_class = "danger", "Delete for good"))));
}

}  // namespace

web::response home(const home_view& view, http::status status) {
  return web::html(
      layout("Asterism short links",
             div(_class = "hero", h1("Long addresses, made short."),
                 p("Paste one, get a link that fits anywhere, and see how often it is followed.")),
             new_link_form(view), link_list(view)),
      status);
}

web::response link_page(const link_view& view, http::status status) {
  const short_link& l = view.shown;
  const std::string url = short_url(view.site, l);
  return web::html(
      layout(
          l.id + " · Asterism short links",
          when(view.is_new, p(_class = "banner good", _role = "status", "Your link is ready.")),
          article(_class = "card link",
                  div(_class = "what",
                      h1(a(_href = url, span(_class = "host", without_scheme(view.site), "/"), l.id)),
                      p(_class = "target", "leads to ",
                        a(_href = l.target, _rel = "nofollow noopener", shown_target(l.target))),
                      div(_class = "copy", input(_readonly, _aria("label") = "Short address", _value = url),
                          button(_type = "button", _class = "copy-button", _hidden, "Copy")),
                      facts(view),
                      div(_class = "chart", sparkline(l, view.now),
                          p(_class = "hint", "Visits in the last 30 days"))),
                  a(_class = "code", _href = routes::qr(web::slug::of(l.id)), _download = l.id + ".svg",
                    _title = "Save the QR code", qr_code(url, "QR code of " + url))),
          when(view.may_change, [&view] { return change_forms(view); })),
      status);
}

web::response deleted(std::string_view id) {
  return web::html(layout("Deleted · Asterism short links",
                          div(_class = "hero", h1("The link “", std::string{id}, "” is gone."),
                              p(a(_href = routes::home(), "All links")))));
}

web::response failure(const web::request& req, const web::error& e) {
  if (req.path().starts_with("/api/")) return web::error_problem(req, e);
  if (web::error_form_for(req) != web::error_form::page) return web::default_error_page(req, e);
  const bool is_missing = e.status == http::status::not_found;
  const std::string title{is_missing ? std::string_view{"There is no such link."} : http::reason(e.status)};
  return web::html(
      layout(
          title,
          div(_class = "hero", h1(title),
              p(is_missing ? std::string_view{"It may have been deleted, or there is a letter wrong in it."}
                : !e.text.empty()       ? std::string_view{e.text}
                : code(e.status) >= 500 ? std::string_view{"Something went wrong on our side."}
                                        : std::string_view{}),
              when(!e.detail.empty() && req.options().development.value_or(false), pre(e.detail)),
              p(a(_href = routes::home(), "All links")))),
      e.status);
}

}  // namespace pages
