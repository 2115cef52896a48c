// A directory of links: topics, entries that visitors suggest, an editor who lets them in.
//
//   aster run -p 8080:80 -e EDITOR_PASSWORD=orion 06-directory
#include <algorithm>
#include <array>
#include <cstdlib>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assets.hpp"
#include "aster/html.hpp"
#include "aster/net.hpp"
#include "aster/web.hpp"
using namespace aster;

/// A type of our own in a path: what is no topic is no page.
struct topic {
  static constexpr std::array names{"systems", "networks", "languages", "stars"};
  std::string_view name;

  static std::optional<topic> parse(std::string_view text) {
    const auto found = std::ranges::find(names, text);
    return found == names.end() ? std::nullopt : std::optional{topic{*found}};
  }
  std::string_view text() const { return name; }
};

struct entry {
  std::string title, address, note;
  topic where;
  bool is_public = false;
};
using directory = std::vector<entry>;

constexpr web::route<"/?{q?}"> home;
constexpr web::route<"/topics/{topic}", topic> show_topic;
constexpr web::route<"/suggest"> suggest;
constexpr web::route<"/suggestions"> suggestions;
constexpr web::route<"/suggestions/{number}/publish", std::size_t> publish;

template <class... Content>
web::response page(std::string_view name, Content&&... content) {
  using namespace aster::html;
  return web::html(html5(
      _lang = "en",
      head(meta(_charset = "utf-8"), title(name),
           meta(_name = "viewport", _content = "width=device-width, initial-scale=1"),
           link(_rel = "stylesheet", _href = assets::style_css.url())),
      body(header(h1(a(_href = home(), "Directory")),
                  nav(each(topic::names, [](const char* n) { return a(_href = show_topic(topic{n}), n); }))),
           main(std::forward<Content>(content)...))));
}

/// A component: the entries that `wanted` lets through.
template <class Wanted>
auto entry_list(const directory& all, Wanted wanted) {
  using namespace aster::html;
  return ul(each(all, [wanted](const entry& e) {
    return when(wanted(e), [&e] {
      return li(a(_href = e.address, _rel = "noopener", e.title), " ", small(e.where.text()), p(e.note));
    });
  }));
}

web::response show_home(const directory& all, std::optional<std::string> query) {
  using namespace aster::html;
  return page("Directory",
              form(_role = "search", label(_for = "q", "Search"),
                   input(_id = "q", _name = "q", _type = "search", _value = query), button("Search")),
              entry_list(all,
                         [query = query.value_or("")](const entry& e) {
                           return e.is_public && (e.title.contains(query) || e.note.contains(query));
                         }),
              p(a(_href = suggest(), "Suggest a link")));
}

web::response show_one_topic(const directory& all, topic which) {
  using namespace aster::html;
  return page(which.text(), h2(which.text()), entry_list(all, [which](const entry& e) {
                return e.is_public && e.where.text() == which.text();
              }));
}

struct suggestion {
  std::string title, address;
  topic where;
  std::optional<std::string> note;
};

/// A field with its label and, when it was sent and is wrong, why.
auto field(web::form_result<suggestion>::field which, const char* shown,
           const web::form_result<suggestion>& sent) {
  using namespace aster::html;
  return p(label(_for = which.name(), shown),
           input(_id = which.name(), _name = which.name(), _value = sent.text(which)),
           strong(sent.error(which)));
}

web::response suggestion_form(const web::form_result<suggestion>& sent,
                              http::status status = http::status::ok) {
  using namespace aster::html;
  return page("Suggest a link",
              form(_method = "post", _action = suggest(), field("title", "Title", sent),
                   field("address", "Address", sent), field("note", "Why it is good", sent),
                   p(label(_for = "where", "Topic"),
                     select(_id = "where", _name = "where",
                            each(topic::names, [](const char* n) { return option(_value = n, n); }))),
                   button("Suggest")))
      .status(status);
}

std::expected<web::response, web::response> take_suggestion(directory& all,
                                                            web::form_result<suggestion> sent) {
  if (sent && all.size() >= 1000) sent.refuse("title", "cannot be taken: the directory is full");
  if (sent && !sent->address.starts_with("https://") && !sent->address.starts_with("http://"))
    sent.refuse("address", "does not begin with https:// or http://");
  if (!sent) return std::unexpected(suggestion_form(sent, http::status::unprocessable_content));
  all.push_back({sent->title, sent->address, sent->note.value_or(""), sent->where});
  return page("Thank you", html::p("Thank you. An editor will look at it."));
}

/// Only who has made one can call what is behind it.
struct editor {
  std::string name;
};
std::expected<editor, web::response> require_editor(web::basic_credentials given) {
  const char* const password = std::getenv("EDITOR_PASSWORD");
  if (password != nullptr && web::same_secret(given.password, password)) return editor{given.user};
  return std::unexpected(web::unauthorized(web::basic_credentials::challenge));
}

web::response show_suggestions(const directory& all, const editor& who) {
  using namespace aster::html;
  return page("Suggestions", p("Hello, ", who.name, "."), ol(each(all, [](const entry& e, std::size_t i) {
                return when(!e.is_public, [&e, i] {
                  return li(e.title, ": ", e.address,
                            form(_method = "post", _action = publish(i), button("Publish")));
                });
              })));
}

web::response publish_suggestion(directory& all, const editor&, std::size_t number) {
  if (number >= all.size()) throw http::failure{http::status::not_found};
  all[number].is_public = true;
  return web::see_other(suggestions());
}

net::device<"service"> service;

int main() {
  directory all{
      {"MirageOS", "https://mirage.io", "A library operating system in OCaml.", {"systems"}, true},
      {"RFC 9293",
       "https://www.rfc-editor.org/rfc/rfc9293",
       "The Transmission Control Protocol.",
       {"networks"},
       true},
  };
  return web::run(service,
                  web::app{
                      web::state(all),
                      web::same_origin(),  // an editor's browser sends the password by itself
                      web::get(home, show_home),
                      web::get(show_topic, show_one_topic),
                      web::get(suggest, [] { return suggestion_form({}); }),
                      web::post(suggest, take_suggestion),
                      web::group(web::provide(require_editor), web::get(suggestions, show_suggestions),
                                 web::post(publish, publish_suggestion)),
                      web::files(assets::all),
                  });
}
